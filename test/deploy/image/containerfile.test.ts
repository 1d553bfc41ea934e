/** The Containerfile, which needs a builder and a registry, held against what is built here without either: the same files by the same steps. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, matchesGlob } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  baseEntries,
  paperEntries,
  productRuntime,
  programEntries,
  queryEntries,
} from '../../../deploy/image/product.ts'
import { debianPackages } from '../../lab/debian.ts'
import { labFolder } from '../../lab/folder.ts'
import { progressTo } from '../../lab/progress.ts'

const ROOT = join(import.meta.dirname, '../../..')
const SLOW = 300_000
const BUNDLED = /^kerbside\/dist\//
const TREES = ['/kerbside-tree', '/review-tree']

type Step = { readonly stage: string; readonly word: string; readonly rest: string }

/** Instructions, each with the stage that it is in; continued lines are one, comments none. */
function stepsOf(text: string): readonly Step[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  let stage = ''
  return lines.map((line) => {
    const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
    if (word === 'FROM') stage = / AS (\S+)$/.exec(rest)?.[1] ?? ''
    return { stage, word, rest }
  })
}

const steps = stepsOf(readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8'))
const of = (word: string) => steps.filter((step) => step.word === word)
const runs = of('RUN').map(({ rest }) => rest)
const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').trim().split('\n')

describe('each step', () => {
  it('is in a stage that a later one builds on', () => {
    const froms = of('FROM').map(({ rest }) => rest.replace('$', ''))
    expect(froms).toEqual(['{NODE} AS build', 'scratch AS kerbside', 'kerbside AS kerbside-review'])
  })

  it('copies from the checkout what is there and is not ignored', () => {
    const sources = of('COPY').filter(({ rest }) => !rest.startsWith('--from='))
    expect(sources.length).toBeGreaterThan(1)
    for (const path of sources.flatMap(({ rest }) => rest.split(' ').slice(0, -1))) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true])
      expect(ignored.some((pattern) => matchesGlob(path, pattern))).toBe(false)
    }
  })

  it('leaves out what this machine made for itself, which would lie over what the build makes', () => {
    expect(ignored).toEqual(expect.arrayContaining(['.git', 'node_modules', 'dist']))
  })

  it('runs programs of the checkout that are there, and installs the packages whose files go in', () => {
    const programs = runs.flatMap((run) => [...run.matchAll(/\bnode (\S+\.ts)/g)].map(([, file = '']) => file))
    expect(programs.length).toBe(2)
    for (const file of programs) expect(existsSync(join(ROOT, file)), file).toBe(true)
    expect(runs[0]).toMatch(/apt-get install -y --no-install-recommends .*\bkrb5-user\b.*\blibkrb5-dev\b/)
    expect(runs).toContain('npm ci')
  })

  it('copies from the build what it made, and to where it lay in it', () => {
    const made = of('COPY').filter(({ rest }) => rest.startsWith('--from=build '))
    expect(made.length).toBe(3)
    for (const { rest } of made) {
      const [, from = '', to = ''] = rest.split(' ')
      const tree = TREES.find((each) => from.startsWith(`${each}/`) || from === each) ?? ''
      expect(runs.some((run) => run.includes(`mkdir ${TREES.join(' ')}`) && run.includes(`tar -x -C ${tree}`))).toBe(
        true,
      )
      expect(from.slice(tree.length) || '/').toBe(to)
    }
  })
})

describe('what is in its images', () => {
  let folder: string
  let shipped: readonly string[]
  let packed: readonly string[]
  beforeAll(async () => {
    const kerberos = { '/usr/bin/kinit': 'krb5-user', '/usr/bin/kvno': 'krb5-user' }
    await debianPackages(
      labFolder('containerfile'),
      progressTo(() => {}),
      kerberos,
    )
    folder = mkdtempSync(join(tmpdir(), 'kerbside-containerfile-'))
    // Without a bundle: its files are named by their content, and are of the moment.
    packed = [...baseEntries(ROOT), ...programEntries(ROOT, folder)].map(({ path }) => path)
    const list = [join(ROOT, 'deploy/image/main.ts'), '--list']
    const { stdout } = await promisify(execFile)(process.execPath, list, { maxBuffer: 64 << 20 })
    shipped = stdout.trim().split('\n')
  }, SLOW)
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is what the lab runs, and the papers', () => {
    const papers = paperEntries(ROOT).map(({ path }) => path)
    const [programs, others] = [true, false].map((wanted) => shipped.filter((path) => BUNDLED.test(path) === wanted))
    expect(others?.toSorted()).toEqual([...packed, ...papers].sort())
    const { entrypoint } = productRuntime(ROOT)
    expect(programs).toContain(entrypoint[1]?.slice(1))
  })

  it('is, in that of the audit page, the same and what lies in the two folders that are copied', () => {
    const copied = of('COPY')
      .filter(({ stage }) => stage === 'kerbside-review')
      .map(({ rest }) => rest.split(' ')[2] ?? '')
    const inside = ({ path }: { readonly path: string }) => copied.some((folder) => `/${path}`.startsWith(`${folder}/`))
    const query = queryEntries(ROOT)
    expect(query.length).toBeGreaterThan(2)
    expect(query.filter((entry) => !inside(entry)).map(({ path }) => path)).toEqual([])
  })
})
