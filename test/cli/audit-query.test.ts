/** `kerbside audit query`: the right rows, in a table that nothing in a record can break. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromLine } from '../../src/core/audit/line.ts'
import { chained, denied, end, start, who, writeLog } from '../io/audit/logs.ts'
import { runCli } from './run-cli.ts'

const directory = mkdtempSync(join(tmpdir(), 'kerbside-query-'))
const CLIMATE = { who: { team: 'climate', identity: 'climate-models', namespace: 'ml-climate' } }
const HOSTILE = {
  who: { team: 'evil', pod: '\u001b]0;owned\u0007' },
  what: { path: '/x\n2026-03-02T12:00:00.000Z allow\u001b[2J\u009b31m\u202e', client: '<script>', operation: 'O\rPEN' },
}

beforeAll(() => {
  const entries = [
    { at: 0, entry: { kind: 'open' as const, who: who(), detail: 'started' } },
    { at: 1000, entry: start('1') },
    { at: 1012, entry: end('1') },
    { at: 2000, entry: start('2', { what: { path: '/data/market-restricted/x' }, why: denied }) },
    { at: 3000, entry: start('3', CLIMATE) },
    { at: 4000, entry: start('4', HOSTILE) },
  ]
  writeLog(directory, 'pod-a', chained('pod-a', entries).lines)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const query = (...args: string[]) => runCli(['audit', 'query', directory, ...args])

describe('another format', () => {
  it('of Ranger has a line for each operation, of OCSF for each record, and none that a terminal would obey', async () => {
    const ranger = await query('--format', 'ranger')
    const events = ranger.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ result, access }) => `${access} ${result}`)).toEqual([
      'OPEN 1',
      'OPEN 0',
      'OPEN 1',
      'O\rPEN 1',
    ])
    const ocsf = await query('--format', 'ocsf')
    const classes = ocsf.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).class_uid)
    expect(classes).toEqual([0, 1001, 1001, 1001, 1001, 1001])
    expect(ranger.out + ocsf.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  })

  it('ndjson is what --json is, and another name is none', async () => {
    expect((await query('--format', 'ndjson')).out).toBe((await query('--json')).out)
    expect((await query('--format', 'constructor')).code).toBe(2)
  })
})

describe('the table', () => {
  it('has the newest row last, and one row for start and end', async () => {
    const { code, out } = await query('--team', 'quant')
    expect(code).toBe(0)
    const [head, ...rows] = out.trimEnd().split('\n')
    expect(head).toMatch(/^TIME +POD +IDENTITY +OPERATION +DECISION +REASON +PATH +DATASET +BYTES +MS +STATUS$/)
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['2026-03-02T12:00:00.000Z', 'ml-quant/train-0', 'quant-research', '(open)', 'started'],
      [
        '2026-03-02T12:00:01.000Z',
        'ml-quant/train-0',
        'quant-research',
        'OPEN',
        'allow',
        'granted',
        '/data/market/prices.csv',
        'market',
        '1000',
        '12',
        '200',
      ],
      [
        '2026-03-02T12:00:02.000Z',
        'ml-quant/train-0',
        'quant-research',
        'OPEN',
        'deny',
        'no-dataset',
        '/data/market-restricted/x',
        'market',
        'no end',
      ],
    ])
  })

  it('has one line for each row, and nothing that a terminal would obey, whatever a client sent', async () => {
    const { out } = await query('--team', 'evil')
    expect(out.trimEnd().split('\n')).toHaveLength(2)
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(out).toContain('\\u001b[2J\\u009b31m\\u202e')
  })
})

describe('a decision with something in shadow', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-query-shadow-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is marked with what it would have been, and found by what it was', async () => {
    const refusal = { effect: 'deny', reason: 'no-grant', grants: [] } as const
    const permit = { effect: 'allow', reason: 'granted', grants: [] } as const
    const entries = [
      { at: 0, entry: start('1', { why: { shadow: refusal } }) },
      { at: 1, entry: start('2', { why: { ...denied, shadow: permit } }) },
    ]
    writeLog(folder, 'pod-a', chained('pod-a', entries).lines)
    const { out } = await runCli(['audit', 'query', folder])
    expect(out).toMatch(/ allow +granted \(would be denied: no-grant\) /)
    expect(out).toMatch(/ deny +no-dataset \(would be allowed: granted\) /)
    const denials = await runCli(['audit', 'query', folder, '--effect', 'deny', '--json'])
    expect(denials.out.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('what is asked for', () => {
  it.each([
    [['--effect', 'deny'], ['2']],
    [['--identity', 'climate-models'], ['3']],
    [
      ['--operation', 'open', '--team', 'quant'],
      ['1', '1', '2'],
    ],
    [
      ['--path', '/data/market', '--team', 'quant'],
      ['1', '1'],
    ],
    [
      ['--since', '2026-03-02T12:00:02Z', '--until', '2026-03-02T12:00:04Z'],
      ['2', '3'],
    ],
    [
      ['--limit', '2'],
      ['3', '4'],
    ],
  ])('%j is found, as records that stand as they are in the log', async (args, ids) => {
    const { code, out } = await query('--json', ...args)
    expect(code).toBe(0)
    const records = out.trimEnd().split('\n').map(fromLine)
    expect(records.map((read) => 'record' in read && 'what' in read.record && read.record.what.operationId)).toEqual(
      ids,
    )
  })

  it('may be nowhere: said, and no success', async () => {
    expect(await query('--team', 'nobody')).toMatchObject({ code: 1, out: '', err: 'nothing matches\n' })
    expect((await query('--operation', 'OPNE')).err).toContain('did you mean `--operation OPEN`?')
  })

  it.each([
    [['--tem', 'x'], 'unknown option `--tem`', '--team'],
    [['--effect', 'denied'], 'denied', 'allow, deny'],
    [['--since', 'yesterday'], 'it is not a moment with its zone', '2027-01-31T00:00:00Z'],
    [['--since', '2026-02-30T00:00:00Z'], 'it is not a moment with its zone', ''],
    [['--limit', '0'], 'it is not a whole number from 1', ''],
    [['--limit', '1e9'], 'it is not a whole number from 1', ''],
  ])('may be misspelt: %j is said in a sentence', async (args, sentence, hint) => {
    const { code, out, err } = await query(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(sentence)
    expect(err).toContain(hint)
  })

  it('is searched behind lines that are no records, which are told', async () => {
    writeFileSync(join(directory, 'pod-b-0.ndjson'), '\u001b[2J\n')
    const { code, err } = await query('--limit', '100')
    expect([code, err]).toEqual([0, '1 line is no record: `kerbside audit verify` says more\n'])
    rmSync(join(directory, 'pod-b-0.ndjson'))
  })
})
