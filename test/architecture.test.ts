/** Holds ARCHITECTURE.md true: who imports whom, which packages, and the habits that keep the tree obvious. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import * as reasons from '../src/core/reasons.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
const CODE = ['src', 'webhook', 'sidecar', 'test']

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesBelow(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

/** Specifiers that a file imports; `deferred` ones are loaded only when the code gets there. */
function importsOf(file: string): { specifier: string; deferred: boolean; typeOnly: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8')
  const statics = [...text.matchAll(/^(?:import|export)\s(type\s)?[^'"`;]*?from\s+'([^']+)'/gm)]
  const bare = [...text.matchAll(/^import\s+'([^']+)'/gm)]
  const deferred = [...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)]
  return [
    ...statics.map((match) => ({ specifier: match[2] ?? '', deferred: false, typeOnly: match[1] !== undefined })),
    ...bare.map((match) => ({ specifier: match[1] ?? '', deferred: false, typeOnly: false })),
    ...deferred.map((match) => ({ specifier: match[1] ?? '', deferred: true, typeOnly: false })),
  ]
}

const target = (file: string, specifier: string) => relative(root, join(root, dirname(file), specifier))
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const isOurs = (specifier: string) => specifier.startsWith('.')
const isNode = (specifier: string) => specifier.startsWith('node:')

/** Rows of the table under a heading, as arrays of cells. */
function tableUnder(heading: string): string[][] {
  const section = page.split(`## ${heading}`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
const names = (cell: string) => [...cell.matchAll(/[@\w./-]+/g)].map(([name]) => name).filter((name) => name !== '–')

const layers = tableUnder('Who may import whom').map(([folder = '', mayImport = '', packages = '']) => ({
  folder: names(folder)[0] ?? '',
  mayImport: names(mayImport),
  packages: names(packages),
}))
const layerOf = (path: string) => layers.find(({ folder }) => path === folder || path.startsWith(`${folder}/`))
const product = CODE.filter((folder) => folder !== 'test').flatMap(filesBelow)
const all = [...product, ...filesBelow('test')]

test('the page names every layer, and every layer exists', () => {
  expect(layers.map(({ folder }) => folder)).toEqual([
    'src/core',
    'src/io',
    'webhook',
    'sidecar',
    'src/broker',
    'src/review',
    'src/export',
    'src/cli',
  ])
  for (const { folder } of layers) expect(statSync(join(root, folder)).isDirectory(), folder).toBe(true)
  expect(product.filter((file) => layerOf(file) === undefined)).toEqual(['src/kerbside.ts'])
})

test('every folder of the product is a row of the page, and every row is a folder', () => {
  const rows = tableUnder('Folders').map(([folder = '']) => names(folder)[0] ?? '')
  for (const row of rows) expect(statSync(join(root, row)).isDirectory(), row).toBe(true)
  const folders = new Set(
    product.map((file) => dirname(file)).filter((folder) => folder !== 'src' && folder !== 'src/core'),
  )
  const isCovered = (folder: string) => rows.some((row) => folder === row || folder.startsWith(`${row}/`))
  expect([...folders].filter((folder) => !isCovered(folder) && folder !== 'sidecar')).toEqual([])
})

test('a layer imports only what the page allows it', () => {
  const wrong = product.flatMap((file) => {
    const layer = layerOf(file)
    if (layer === undefined) return []
    return importsOf(file).flatMap(({ specifier }) => {
      if (isNode(specifier)) return layer.folder === 'src/core' ? [`${file} imports ${specifier}`] : []
      if (!isOurs(specifier)) return layer.packages.includes(packageOf(specifier)) ? [] : [`${file} uses ${specifier}`]
      const to = layerOf(target(file, specifier))
      return to === undefined || (to !== layer && !layer.mayImport.includes(to.folder))
        ? [`${file} imports ${specifier}`]
        : []
    })
  })
  expect(wrong).toEqual([])
})

test('nothing that the sidecar loads is heavier than it needs', () => {
  const loaded = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string) => {
    if (loaded.has(file)) return
    loaded.add(file)
    for (const { specifier, deferred, typeOnly } of importsOf(file)) {
      if (typeOnly || isNode(specifier)) continue
      if (isOurs(specifier)) visit(target(file, specifier))
      else if (!deferred) packages.add(`${packageOf(specifier)} by ${file}`)
    }
  }
  visit('sidecar/main.ts')
  expect(loaded.size).toBeGreaterThan(1)
  expect([...packages]).toEqual([])
})

test('native code is loaded in one file only, which only programs of one exchange load', () => {
  const users = product.filter((file) => importsOf(file).some(({ specifier }) => specifier === 'kerberos'))
  expect(users).toEqual(['src/io/kerberos/spnego.ts'])
  const loaders = product.filter((file) =>
    importsOf(file).some(({ specifier, typeOnly }) => !typeOnly && /\bspnego\.ts$/.test(specifier)),
  )
  expect(loaders).toEqual(['src/cli/doctor/ask-name-nodes.ts', 'sidecar/credentials/negotiate.ts'])
})

test('every file opens with the sentence that says what it is', () => {
  const silent = all.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, file), 'utf8')))
  expect(silent).toEqual([])
})

test('no file is longer than 300 lines, and no name says nothing', () => {
  const long = all.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301)
  expect(long).toEqual([])
  expect(all.filter((file) => /(^|\/)(index|utils?|helpers?|common|misc|manager)(\.|\/)/.test(file))).toEqual([])
})

test('exports have names', () => {
  expect(all.filter((file) => /^export default/m.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})

test('only a main file reads the environment, handles signals or ends the process', () => {
  const owners = /(^|\/)(main|kerbside|negotiate)\.ts$/
  const takes = /\bprocess\.(env|exit|exitCode|on|once|argv|kill)\b/
  const wrong = product.filter((file) => !owners.test(file) && takes.test(readFileSync(join(root, file), 'utf8')))
  expect(wrong).toEqual([])
})

test('a reason stands in one table only, and is used', () => {
  const tables = [reasons.POLICY_REASONS, reasons.REQUEST_REASONS, reasons.ADMISSION_REASONS, reasons.BROKER_REASONS]
  const codes = tables.flatMap((table) => Object.keys(table))
  expect(new Set(codes).size).toBe(codes.length)
  const users = [...product.filter((file) => file !== 'src/core/reasons.ts'), 'deploy/manifests/60-guards.yaml']
  const text = users.map((file) => readFileSync(join(root, file), 'utf8'))
  const uses = (source: string, code: string) =>
    [`'${code}'`, `"${code}"`, `[${code}]`].some((use) => source.includes(use))
  expect(codes.filter((code) => !text.some((source) => uses(source, code)))).toEqual([])
})
