/** `kerbside policy unused`: what no record used, and a patch after which every record is decided as before. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chained, denied, end, start, who, writeLog } from '../io/audit/logs.ts'
import { dataset, folderWith, identity, SMALL } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-unused-'))
const home = (operation: string, path: string, parameters = {}) => ({
  what: { operation, path, dataset: 'home', parameters },
})

beforeAll(() => {
  const entries = [
    { at: 0, entry: { kind: 'open' as const, who: who(), detail: 'started' } },
    { at: 1000, entry: start('1') },
    { at: 1012, entry: end('1') },
    { at: 2000, entry: start('2', home('CREATE', '/team/quant/a')) },
    { at: 3000, entry: start('3', home('OPEN', '/team/quant/a')) },
    { at: 4000, entry: start('4', home('LISTSTATUS', '/team')) },
    { at: 5000, entry: start('5', { what: { path: '/data/weather/x' }, why: denied }) },
  ]
  writeLog(folder, 'pod-a', chained('pod-a', entries).lines)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const GRANTS = `# What quant may do.
apiVersion: kerbside.io/v1
kind: Grant
metadata: { name: writes-home }
spec:
  effect: allow
  teams: [quant]
  datasets: [home]
  actions: [write] # as always
---
# Nobody remembers.
apiVersion: kerbside.io/v1
kind: Grant
metadata: { name: old }
spec:
  effect: allow
  teams: [quant]
  datasets: [archive]
  actions: [manage]
---
apiVersion: kerbside.io/v1
kind: Grant
metadata: { name: wall }
spec:
  effect: deny
  teams: [quant]
  datasets: [archive]
  actions: [delete]
  reason: kept by law
`
const TESTS = JSON.stringify({
  apiVersion: 'kerbside.io/v1',
  kind: 'PolicyTest',
  metadata: { name: 'wanted' },
  spec: { cases: [{ identity: 'quant-research', operation: 'OPEN', path: '/archive/x', expect: 'allow' }] },
})
const policy = (more = {}) =>
  folderWith({
    'all.yaml':
      SMALL + dataset('home', '/team/quant') + dataset('archive', '/archive') + identity('idle', { team: 'climate' }),
    'quant/grants.yaml': GRANTS,
    ...more,
  })
const unused = (...args: string[]) => runCli(['policy', 'unused', folder, ...args])
const SINCE = ['--since', '2026-03-02T12:00:00Z']

test('grants, actions and identities that nothing used are told with their lines, denies only as never hit', async () => {
  const { code, out } = await unused('--policy', policy(), ...SINCE)
  expect(code).toBe(1)
  expect(out).toMatch(
    /grants that nothing used \(1\)\n +GRANT +AT +LAST USED\n +old +quant\/grants\.yaml:12 +never, in these records\n/,
  )
  expect(out).toMatch(
    / writes-home +quant\/grants\.yaml:2 +append, overwrite, delete +stat, list, read, create, mkdir +never/,
  )
  expect(out).toMatch(/identities that nothing used \(1\)\n.*\n +idle +all\.yaml:7 /)
  expect(out).toMatch(/denies that nothing ran into.*\n.*\n +wall +quant\/grants\.yaml:21 /)
  expect(out).toContain('7 records, since 2026-03-02T12:00:00Z: not used: 1 grant, actions of 1 grant, 1 identity\n')
})

test('the patch is taken by git and by patch, leaves a policy that is valid, and flips no record', async () => {
  const directory = policy()
  const { code, out } = await unused('--policy', directory, ...SINCE, '--output', 'patch')
  expect(code).toBe(1)
  const before = (await runCli(['policy', 'replay', folder, '--policy', directory, '--output', 'json'])).out
  for (const [program, ...args] of [
    ['git', 'apply', '--check', '-'],
    ['patch', '-p1', '--quiet'],
  ]) {
    const { status, stderr } = spawnSync(program ?? '', args, { cwd: directory, input: out, encoding: 'utf8' })
    expect([program, status, stderr]).toEqual([program, 0, ''])
  }
  expect((await runCli(['policy', 'check', directory])).code).toBe(0)
  const after = (await runCli(['policy', 'replay', folder, '--policy', directory, '--output', 'json'])).out
  const flips = (text: string) =>
    JSON.parse(text).groups.map(({ change, count }: { change: string; count: number }) => [change, count])
  expect(flips(after)).toEqual(flips(before))
  const again = await unused('--policy', directory, ...SINCE, '--output', 'json')
  expect(JSON.parse(again.out)).toMatchObject({ grants: [], actions: [], patch: '', denies: [{ name: 'wall' }] })
  expect(spawnSync('cat', ['quant/grants.yaml'], { cwd: directory, encoding: 'utf8' }).stdout).toBe(
    GRANTS.replace('actions: [write]', 'actions: [read, create, mkdir]').replace(/---\n# Nobody.*?(?=---)/s, ''),
  )
})

test('records that do not reach back make the answer incomplete, in every form', async () => {
  const early = ['--policy', policy(), '--since', '2026-01-01T00:00:00Z']
  const why = 'incomplete: records begin at 2026-03-02T12:00:00Z, not at 2026-01-01T00:00:00Z'
  expect((await unused(...early)).out).toContain(why)
  expect((await unused(...early, '--output', 'markdown')).out).toContain('incomplete: records begin')
  expect((await unused(...early, '--output', 'patch')).out).toContain(`# ${why}\ndiff --git`)
  expect(JSON.parse((await unused(...early, '--output', 'json')).out).coverage.isWhole).toBe(false)
})

test('a PolicyTest that wants what the patch takes is told of', async () => {
  const { out } = await unused('--policy', policy({ 'wanted.yaml': TESTS }), ...SINCE)
  expect(out).toContain('1 PolicyTest would fail after the patch: wanted.yaml:1')
})

test('all is used: 0, and no patch', async () => {
  const directory = folderWith({ 'all.yaml': SMALL })
  const { code, out } = await unused('--policy', directory, ...SINCE)
  expect([code, out]).toEqual([0, '7 records, since 2026-03-02T12:00:00Z: all is used\n'])
  expect(await unused('--policy', directory, ...SINCE, '--output', 'patch')).toEqual({ code: 0, out: '', err: '' })
})

test('a period is a time back from now or a moment, and nothing else', async () => {
  const directory = folderWith({ 'all.yaml': SMALL })
  expect((await unused('--policy', directory, '--since', '99999d')).code).toBe(0)
  for (const since of ['0d', '90', 'd', '-1d', '90m', 'yesterday', '2026-03-02']) {
    expect((await unused('--policy', directory, '--since', since)).code, since).toBe(2)
  }
})

test('without records there is no answer', async () => {
  expect((await runCli(['policy', 'unused', folderWith({ 'x.txt': '' }), '--policy', policy()])).code).toBe(3)
})
