/** `kerbside policy replay`: what flips, in each form, from directories, files and standard input; and what is no record. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { chained, denied, end, NOON, start, who, writeLog } from '../io/audit/logs.ts'
import { dataset, folderWith, grant, identity, SMALL } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-replay-'))
const weather = { what: { operationId: '3', path: '/data/weather/x', dataset: 'weather' } }

beforeAll(() => {
  const entries = [
    { at: 0, entry: { kind: 'open' as const, who: who(), detail: 'started' } },
    { at: 1000, entry: start('1') },
    { at: 1012, entry: end('1') },
    { at: 2000, entry: start('2', { what: { path: '/data/market/../x' }, why: { ...denied, reason: 'dot-segment' } }) },
    { at: 3000, entry: start('3', weather) },
    { at: 4000, entry: start('4', weather) },
    { at: 5000, entry: start('5', { what: { path: '/data/market/new' }, why: denied }) },
    { at: 6000, entry: start('6', { who: { identity: 'gone\u001b[2J', team: 'old|team' } }) },
  ]
  writeLog(folder, 'pod-a', chained('pod-a', entries).lines, 3)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const policy = () => folderWith({ 'all.yaml': SMALL })
const replay = (...args: string[]) => runCli(['policy', 'replay', ...args])

/** A log of its own, for tests that spoil it. */
function logWith(...lines: readonly string[]): string {
  const own = mkdtempSync(join(tmpdir(), 'kerbside-replay-own-'))
  onTestFinished(() => rmSync(own, { recursive: true, force: true }))
  writeLog(own, 'pod-b', [
    ...chained('pod-b', [
      { at: 0, entry: start('1') },
      { at: 1, entry: end('1') },
    ]).lines,
    ...lines,
  ])
  return own
}

describe('the answer', () => {
  test('is a table: what flips, how often, since when, and where to look', async () => {
    const { code, out, err } = await replay(folder, '--policy', policy())
    expect([code, err]).toEqual([1, ''])
    expect(out).toContain('was allowed, would be denied (3)\n')
    expect(out).toMatch(
      / {2}quant +weather +OPEN +2 +2026-03-02T12:00:03Z +2026-03-02T12:00:04Z\n {4}\/data\/weather\/x, by quant-research\n {4}was granted by quant-reads-market@quant\/grants\.yaml:3; would be no-dataset\n {4}record 4 of pod-a, at pod-a-1\.ndjson:2\n/,
    )
    expect(out).toContain('was denied, would be allowed (1)\n')
    expect(out).toContain('would be granted by reads@all.yaml:4')
    expect(out).toContain('identities that the policy does not have: gone\\u001b[2J')
    expect(out).toMatch(
      /6 operations in 8 records from 2026-03-02T12:00:00Z to 2026-03-02T12:00:06Z under .*: 3 would be denied, 1 would be allowed\n$/,
    )
  })

  test('is Markdown in which a name is only a name', async () => {
    const { out } = await replay(folder, '--policy', policy(), '--output', 'markdown')
    expect(out).toContain('| quant | weather | OPEN | 2 |')
    expect(out).toContain('| old&#124;team | market | OPEN | 1 |')
  })

  test('is JSON with everything in it', async () => {
    const { out } = await replay(folder, '--policy', policy(), '--output', 'json')
    const answer = JSON.parse(out)
    expect(answer).toMatchObject({
      records: 8,
      operations: 6,
      from: '2026-03-02T12:00:00Z',
      unknownIdentities: ['gone\u001b[2J'],
    })
    expect(answer.groups[0]).toMatchObject({
      change: 'allow-to-deny',
      team: 'quant',
      count: 2,
      example: { sequence: 4 },
    })
  })

  test('is 0 and nothing flips when the policy decides the same', async () => {
    const files = { 'all.yaml': SMALL }
    const { code, out } = await replay(logWith(), '--policy', folderWith(files))
    expect(code).toBe(0)
    expect(out).toContain(': nothing flips\n')
  })

  test('is counted apart, with 0, where only labels of the pod could tell', async () => {
    const wall = grant('wall', {
      effect: 'deny',
      actions: ['all'],
      reason: 'x',
      when: { podSelector: { matchLabels: { a: 'b' } } },
    })
    const { code, out } = await replay(logWith(), '--policy', folderWith({ 'all.yaml': SMALL + wall }))
    expect(code).toBe(0)
    expect(out).toContain('cannot be told: labels of the pod (1)\n')
    expect(out).toContain(': nothing flips, 1 cannot be told\n')
  })

  test('says so when the very bundle that decided decides otherwise', async () => {
    const directory = policy()
    const { bundle } = JSON.parse((await replay(logWith(), '--policy', directory, '--output', 'json')).out)
    const own = mkdtempSync(join(tmpdir(), 'kerbside-replay-own-'))
    onTestFinished(() => rmSync(own, { recursive: true, force: true }))
    writeLog(own, 'pod-c', chained('pod-c', [{ at: 0, entry: start('1', { why: { ...denied, bundle } }) }]).lines)
    expect((await replay(own, '--policy', directory)).out).toContain(
      '1 flip of records that this very bundle decided: a finding',
    )
  })

  test('is as of the record, or of another moment', async () => {
    const expires = new Date(NOON + 500).toISOString()
    const files = { 'all.yaml': SMALL.replace('"actions":["read"]', `"actions":["read"],"expires":"${expires}"`) }
    expect((await replay(logWith(), '--policy', folderWith(files))).code).toBe(0)
    expect((await replay(logWith(), '--policy', folderWith(files), '--at', 'now')).code).toBe(1)
    expect((await replay(logWith(), '--policy', folderWith(files), '--at', '2026-01-01T00:00:00Z')).code).toBe(0)
    expect((await replay(logWith(), '--policy', folderWith(files), '--at', 'noon')).code).toBe(2)
  })
})

describe('records', () => {
  test('come from files, and from standard input', async () => {
    const files = [0, 1, 2].map((number) => join(folder, `pod-a-${number}.ndjson`))
    const whole = await replay(folder, '--policy', policy(), '--output', 'json')
    const single = await replay(...files, '--policy', policy(), '--output', 'json')
    expect(JSON.parse(single.out).operations).toBe(JSON.parse(whole.out).operations)
    const { stdout } = spawnSync(
      process.execPath,
      ['src/kerbside.ts', 'policy', 'replay', '-', '--policy', policy(), '--output', 'json'],
      { input: files.map((file) => readFileSync(file, 'utf8')).join(''), encoding: 'utf8' },
    )
    expect(JSON.parse(stdout).operations).toBe(6)
  })

  test.each([
    ['text', 'hello'],
    [
      'a record without its end',
      '{"format":1,"sidecar":"pod-b","sequence":2,"time":"2026-03-02T12:00:00.000Z","kind":"end","who":{',
    ],
    [
      'another effect',
      chained('pod-b', [{ at: 0, entry: start('1') }]).lines[0]?.replace('"allow"', '"perhaps"') ?? '',
    ],
    [
      'a path that is a number',
      chained('pod-b', [{ at: 0, entry: start('1') }]).lines[0]?.replace('"/data/market/prices.csv"', '7') ?? '',
    ],
    [
      'no link to the one before',
      chained('pod-b', [{ at: 0, entry: start('1') }]).lines[0]?.replace(/"previous":"\w+",/, '') ?? '',
    ],
    ['no line at all', ''],
  ])('that are none (%s) are an error with the number of the line', async (_, line) => {
    const { code, out, err } = await replay(logWith(line), '--policy', policy())
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain('pod-b-0.ndjson:3: the line is no record')
  })

  test('that are still being written are waited for by nobody', async () => {
    const own = logWith()
    appendFileSync(join(own, 'pod-b-0.ndjson'), '{"format":1,"sid')
    expect((await replay(own, '--policy', policy())).code).toBe(0)
  })

  test('that are not there are an error, not an answer', async () => {
    const empty = folderWith({ 'x.txt': '' })
    expect(await replay(empty, '--policy', policy())).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('no records in'),
    })
    expect((await replay(join(empty, 'gone'), '--policy', policy())).code).toBe(3)
    expect((await replay(folder, '--policy', join(empty, 'gone'))).code).toBe(3)
    expect((await replay()).code).toBe(2)
  })

  test('that were changed are found where it is asked', async () => {
    const own = logWith()
    const file = join(own, 'pod-b-0.ndjson')
    writeFileSync(file, readFileSync(file, 'utf8').replace('prices.csv', 'stocks.csv'))
    expect((await replay(own, '--policy', policy())).code).toBe(0)
    const { code, err } = await replay(own, '--policy', policy(), '--verify')
    expect(code).toBe(3)
    expect(err).toContain('pod-b-0.ndjson:1: the record was changed after it was written')
    expect((await replay(file, '--policy', policy(), '--verify')).code).toBe(3)
    expect((await replay(folder, '--policy', policy(), '--verify')).code).toBe(1)
    expect((await replay('-', '--policy', policy(), '--verify')).code).toBe(2)
  })
})

test('a dataset that was moved away flips by its new name, and another identity of the team is another', async () => {
  const files = { 'all.yaml': SMALL + identity('quant-other') + dataset('inner', '/data/market/prices.csv') }
  const { code, out } = await replay(logWith(), '--policy', folderWith(files))
  expect(code).toBe(1)
  expect(out).toMatch(/ {2}quant +inner +OPEN +1 /)
})
