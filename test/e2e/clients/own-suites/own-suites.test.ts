/**
 * Tests that clients bring for themselves, put to HDFS without us and to the gateway, with the powers of HDFS's superuser and a
 * policy that takes nothing from it below two folders: what passes there passes here.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACTIONS } from '../../../../src/core/policy/action.ts'
import type { Slice } from '../../../../src/core/policy/slice.ts'
import { pypiFolder } from '../../../lab/build/pypi.ts'
import { hdfscliTestsFolder } from '../../../lab/build/suites.ts'
import { SLICE } from '../../../sidecar/gateway/story.ts'
import { ROOT } from '../../../suite.ts'
import { OWN_SUITES, type OwnSuite } from '../clients-table.ts'
import { type Container, container } from '../container.ts'
import { type Relay, startRelay } from './relay.ts'

type End = { readonly test: string; readonly end: 'passed' | 'failed' | 'skipped'; readonly said: string }

const HOME = '/user/hdfs/own-suites'
/** Where the tests of npm `webhdfs` work. */
const FILES = '/files'

/** As HdfsCLI puts into the trash. */
const TRASH = '/user/hdfs/.Trash'

const place = (path: string) => ({ path, dataset: path, protect: false, grants: [0] })
const EVERYTHING: Slice = {
  ...SLICE,
  home: '/user/hdfs',
  grants: [{ name: 'everything', at: 'x:1', mode: 'enforce', effect: 'allow', actions: ACTIONS }],
  places: [HOME, FILES, TRASH].map(place),
}

let inside: Container
let relay: Relay
beforeAll(async () => {
  inside = await container('suites', EVERYTHING, 'hdfs')
  const { standing } = inside
  const nameNode = `https://${await standing.active()}.lab:9871`
  relay = await startRelay(nameNode, readFileSync(standing.lab.files.authority, 'utf8'), standing.delegationToken)
})
afterAll(async () => {
  relay?.stop()
  for (const path of [HOME, FILES, TRASH]) await inside?.standing.direct('DELETE', `${path}?op=DELETE&recursive=true`)
  await inside?.stop()
})

/** What runs the tests of a client, in a folder that it may write to. */
type Command = { readonly words: readonly string[]; readonly env?: Readonly<Record<string, string>> }
const COMMANDS: Readonly<Record<keyof typeof OWN_SUITES, (folder: string) => Command>> = {
  hdfscli: (folder) => pytest(folder, hdfscli(folder)),
  // The edge cases of its globs are four times as many, and ask HDFS for nothing else.
  fsspec: (folder) => pytest(folder, [join(inside.programs, 'own-suites/test_fsspec.py'), '-k', 'not edge_cases']),
  webhdfs: () => ({ words: [process.execPath, join(inside.programs, 'own-suites/mocha.cjs'), inside.see(NPM_TESTS)] }),
}
const NPM_TESTS = join(ROOT, 'node_modules/webhdfs/test/webhdfs.js')

function hdfscli(at: string): readonly string[] {
  const { cache } = inside.standing.lab.folder
  const tests = join(at, 'test')
  cpSync(hdfscliTestsFolder({ cache }), tests, { recursive: true })
  cpSync(join(import.meta.dirname, 'hdfscli_base.py'), join(tests, 'util.py'))
  writeFileSync(join(tests, '__init__.py'), '')
  mkdirSync(join(tests, 'dat'))
  for (const name of ['one', 'two']) writeFileSync(join(tests, 'dat', name), name)
  return ['client', 'main'].map((name) => join(tests, `test_${name}.py`))
}

function pytest(at: string, files: readonly string[]) {
  const { cache } = inside.standing.lab.folder
  const packages = (['python-clients', 'suites'] as const).map((set) => inside.see(pypiFolder({ cache }, set)))
  const options = ['-q', '-p', 'report_each', '-p', 'no:cacheprovider', '--rootdir', at, '--basetemp', join(at, 'tmp')]
  return {
    words: ['/usr/bin/python3', '-m', 'pytest', ...options, ...files],
    env: { PYTHONPATH: [at, join(inside.programs, 'own-suites'), ...packages].join(':'), PYTHONDONTWRITEBYTECODE: '1' },
  }
}

async function run(suite: keyof typeof OWN_SUITES, way: 'direct' | 'through'): Promise<ReadonlyMap<string, End>> {
  const folder = join(inside.folder, `${suite}-${way}`)
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  const { words, env = {} } = COMMANDS[suite](folder)
  const ca = inside.standing.lab.files.authority
  const output = await inside.run(words, {
    SUITE_URL: way === 'direct' ? relay.url : new URL(inside.standing.base).origin,
    SUITE_ROOT: `${HOME}/${suite}-${way}`,
    REQUESTS_CA_BUNDLE: ca,
    NODE_EXTRA_CA_CERTS: ca,
    ...env,
  })
  const ends = output.split('\n').flatMap((line) => (line.startsWith('{"test"') ? [JSON.parse(line) as End] : []))
  return new Map(ends.map((end) => [end.test, end]))
}

describe.each(Object.entries(OWN_SUITES) as [keyof typeof OWN_SUITES, OwnSuite][])('the tests of %s', (suite, row) => {
  test('that pass at HDFS pass through the gateway, but for what is refused by design', async () => {
    const direct = await run(suite, 'direct')
    const through = await run(suite, 'through')
    const passed = [...direct.values()].filter(({ end }) => end === 'passed').map(({ test }) => test)
    expect(passed.length).toBeGreaterThanOrEqual(row.passAtHdfs)
    const failed = passed.filter((name) => through.get(name)?.end !== 'passed')
    const isByDesign = (name: string) => row.refusedByDesign.some(({ tests }) => name.includes(tests))
    expect(failed.filter((name) => !isByDesign(name)).map((name) => through.get(name) ?? name)).toEqual([])
    for (const { tests } of row.refusedByDesign) expect(failed).toContainEqual(expect.stringContaining(tests))
  }, 600_000)
})
