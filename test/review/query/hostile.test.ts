/** SQL, markup, formulas and half characters in every field: text stays text, in questions and in answers. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../../../src/core/audit/record.ts'
import type { Facet, RecordFilter } from '../../../src/core/audit/record-filter.ts'
import { FACETS } from '../../../src/core/audit/record-filter.ts'
import type { OpenQuestions } from '../../../src/review/query/open.ts'
import type { ExportFormat } from '../../../src/review/query/records.ts'
import type { Scope } from '../../../src/review/query/scope.ts'
import { entry, HOSTILE } from '../../core/audit/arbitrary.ts'
import { asked, fileOf, HOUR, NOW, operation, SLOW, whoOf, written } from './written.ts'

const ALL: Scope = { of: 'all' }
const NAMES: readonly Facet[] = ['team', 'identity', 'namespace', 'dataset', 'operation']
const SQL = [
  "' OR 1=1 --",
  "'; DROP TABLE tail; --",
  "x' UNION SELECT * FROM read_text('/etc/passwd') --",
  "'); COPY (SELECT 1) TO '/tmp/x'; --",
  '$scope',
  '?',
  'RECORDS',
  '%',
  '_',
  '[a-z]*',
  '\\',
  '"',
] as const

test('SQL in every field of a filter finds the record that says it, and no other', SLOW, async () => {
  const entries = SQL.flatMap((text) =>
    operation({
      who: whoOf(text, { identity: text, namespace: text, owner: { kind: 'Job', name: text } }),
      path: `/${text}`,
      operation: text,
      dataset: text,
      client: text,
    }),
  )
  const { questions } = await asked({ 'pod-a-0.ndjson': fileOf(written(entries, 'pod-a').lines) })
  const count = async (filter: RecordFilter, scope: Scope = ALL) =>
    (await questions.records({ filter, limit: 500 }, scope)).items.map(({ sequence }) => sequence)
  for (const [index, text] of SQL.entries()) {
    const one = [index * 2]
    const names = { identity: [text], namespace: [text], dataset: [text], operation: [text], job: [`Job/${text}`] }
    expect(await count({ team: [text], ...names, path: `/${text}` }), text).toEqual(one)
    const facet = NAMES[index % NAMES.length] ?? 'team'
    expect(await count({ [facet]: [text] }), `${facet} ${text}`).toEqual(one)
    expect(await count({ text: `/${text}` })).toContain(index * 2)
    expect(await count({}, { of: 'team', team: text })).toEqual(one)
    expect(await count({ reason: [text] })).toEqual([])
    expect((await questions.job({ kind: 'Job', name: text, namespace: text, limit: 5 }, ALL))?.operations).toBe(1)
    expect((await questions.dataset({ dataset: text }, ALL)).people).toHaveLength(1)
    expect(await questions.record({ sidecar: text, sequence: 0 }, ALL)).toBeUndefined()
    const { of } = await questions.facets({ filter: { team: [text] }, values: 50 }, ALL)
    expect(of.identity).toEqual([{ value: text, count: 1, isChosen: false }])
  }
  expect(await count({})).toHaveLength(SQL.length)
})

const hostileEntries = fc.array(entry, { minLength: 1, maxLength: 30 })

test('what strangers wrote is in the answers as they wrote it, and hides no record', SLOW, async () => {
  const entries = fc.sample(hostileEntries, { numRuns: 6, seed: 7 }).flat()
  const all = [...entries, ...HOSTILE.flatMap((text) => operation({ who: whoOf(text), path: text, client: text }))]
  const log = written(all, 'pod-a')
  const { questions } = await asked({ 'pod-a-0.ndjson': fileOf(log.lines) })
  const { damaged, intake } = await questions.health(ALL)
  expect(damaged).toEqual([])
  expect(intake.records).toBe(all.length)
  const kinds = [...new Set(all.map(({ kind }) => kind))].sort()
  const { items } = await questions.records({ filter: { kind: kinds }, limit: 500 }, ALL)
  expect(items.length).toBe(Math.min(500, all.length))
  for (const item of items) {
    const said = log.records[item.sequence] as Entry
    expect(item.who.team).toBe(told(said.who.team))
    if ('what' in said) expect(item.what?.path).toBe(told(said.what.path))
  }
  for (const facet of FACETS) await questions.facets({ filter: { [facet]: ["'"] }, values: 5 }, ALL).catch(expect.fail)
})

/** Half of a pair has no UTF-8, and the driver takes a byte order mark at the very beginning for none of the text. */
const told = (text: string): string => text.toWellFormed().replace(/^\ufeff/, '')

async function file({ questions }: OpenQuestions, filter: RecordFilter, format: ExportFormat): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of (await questions.exported({ filter, format }, ALL)).bytes) parts.push(part)
  return Buffer.concat(parts)
}

test('a file holds what matches, and no cell of CSV begins like a formula', SLOW, async () => {
  const formulas = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '＝1',
    '＋1',
    '－1',
    '＠A1',
    '"=1',
    'a,"b"\nc',
  ]
  const entries = formulas.flatMap((text) =>
    operation({ who: whoOf(text), path: text, client: text, why: { grants: [text, '=x'] } }),
  )
  const open = await asked({ 'pod-a-0.ndjson': fileOf(written(entries, 'pod-a').lines) })
  const rows = cells((await file(open, { from: NOW - HOUR }, 'csv')).toString())
  expect(rows).toHaveLength(formulas.length + 1)
  expect(rows.flat().filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell) || /^[\t\r\n]/.test(cell))).toEqual([])
  const teams = rows[0]?.indexOf('team') ?? -1
  expect(rows.slice(1).map((row) => row[teams]?.replace(/^'/, ''))).toEqual(formulas)
  const lines = (await file(open, { team: ['=1+1'] }, 'ndjson')).toString().trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ team: '=1+1', path: '=1+1', grants: ['=1+1', '=x'] }])
  expect((await file(open, {}, 'parquet')).subarray(0, 4).toString()).toBe('PAR1')
  expect((await file(open, { team: ['nobody'] }, 'ndjson')).toString()).toBe('')
})

/** RFC 4180. */
function cells(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\n' || end === '\r\n') rows.push([])
    if (end === '') break
  }
  return rows.slice(0, -1)
}
