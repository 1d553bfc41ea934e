/** The bundled product: it does what the sources do, holds apart what they hold apart, and says where in them something went wrong. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle, programs } from '../../../deploy/image/bundle.ts'
import { inSources } from '../../../src/io/source-places.ts'
import { ROOT } from '../../suite.ts'

const run = promisify(execFile)
// Inside the checkout, so that the packages are found.
mkdirSync(join(ROOT, 'dist'), { recursive: true })
const folder = mkdtempSync(join(ROOT, 'dist/test-'))
const kerbside = (...words: string[]) => run(process.execPath, [join(folder, 'src/kerbside.js'), ...words], { env: {} })

beforeAll(() => bundle(ROOT, folder), 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** Every specifier that the files of a program import, at once or later. */
function importsOf(program: string): string[] {
  const files = globSync(`${program}{,-*}.js`, { cwd: folder })
  expect(files).toContain(`${program}.js`)
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:^import |from |import\()"([^"]+)"/gm)].map(([, name = '']) => name),
  )
}
const packagesOf = (program: string) => importsOf(program).filter((name) => !/^(node:|\.)/.test(name))

test('each program that kerbside starts, and each of one task, has a file where its source is', () => {
  const started = [...readFileSync(join(ROOT, 'src/kerbside.ts'), 'utf8').matchAll(/import\('([^']*main)\.ts'\)/g)]
  const found = programs(ROOT)
  for (const [, path = ''] of started) expect(found).toContain(join('src', path))
  expect(found).toContain('sidecar/credentials/acquire')
  expect(found).toContain('sidecar/credentials/negotiate')
  expect(globSync('**/*.js', { cwd: folder })).toEqual(expect.arrayContaining(found.map((name) => `${name}.js`)))
})

test('a sidecar starts from three files, and no package is in them', () => {
  expect(packagesOf('sidecar/main')).toEqual([])
  expect(globSync('sidecar/main*.js', { cwd: folder })).toHaveLength(3)
})

test('native code is with the program of one exchange, and an SDK of a cloud is loaded later', () => {
  expect(packagesOf('sidecar/credentials/negotiate')).toEqual(['kerberos'])
  const first = readFileSync(join(folder, 'sidecar/credentials/acquire.js'), 'utf8')
  expect([...first.matchAll(/from "([^"]+)"/g)].filter(([, name = '']) => !/^(node:|\.)/.test(name))).toEqual([])
  expect(packagesOf('sidecar/credentials/acquire')).toContain('@aws-sdk/client-secrets-manager')
})

test('an error of ours is known as one by kerbside, whichever program threw it', async () => {
  const told = await kerbside('sidecar').catch((failed: { code: number; stderr: string }) => failed)
  expect(told).toMatchObject({ code: 2 })
  expect(told.stderr).toMatch(/^kerbside sidecar: KERBSIDE_IDENTITY is missing/)
}, 60_000)

test('a command finds what lies beside its source', async () => {
  const { stdout } = await kerbside('policy', 'check', join(ROOT, 'policies'))
  expect(stdout).toContain('bundle sha256:')
}, 60_000)

test('a program of one task ends when it is told that there is none', async () => {
  const program = run(process.execPath, [join(folder, 'sidecar/credentials/acquire.js')])
  program.child.stdin?.end()
  await expect(program).resolves.toMatchObject({ stdout: '' })
}, 60_000)

test('a place in a bundle is said as the place in its source', () => {
  const needle = 'the webhook writes them'
  const placeIn = (file: string) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    const index = lines.findIndex((line) => line.includes(needle))
    return { line: index + 1, column: (lines[index]?.indexOf(needle) ?? 0) + 1 }
  }
  const bundled = placeIn(join(folder, 'sidecar/main.js'))
  const source = placeIn(join(ROOT, 'sidecar/main.ts'))
  const stack = `Error: x\n    at main (file://${join(folder, 'sidecar/main.js')}:${bundled.line}:${bundled.column})\n    at node:fs:1:1`
  expect(inSources(stack)).toMatch(
    new RegExp(`^Error: x\n    at main \\(sidecar/main\\.ts:${source.line}:\\d+\\)\n    at node:fs:1:1$`),
  )
})

test('what has no map stays as it is', () => {
  expect(inSources('at x (file:///nowhere/a.js:1:2)')).toBe('at x (file:///nowhere/a.js:1:2)')
})
