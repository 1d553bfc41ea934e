/** Records as they are asked for: each one once, in one order, however they came in. */
import { appendFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RecordFilter } from '../../../src/core/audit/record-filter.ts'
import type { Item, Place } from '../../../src/review/query/item.ts'
import { openQuestions } from '../../../src/review/query/open.ts'
import type { Questions } from '../../../src/review/query/questions.ts'
import type { Scope } from '../../../src/review/query/scope.ts'
import { asked, fileOf, HOUR, NOW, operation, put, SLOW, whoOf, written } from './written.ts'

const ALL: Scope = { of: 'all' }

const places = (items: readonly Item[]): readonly string[] =>
  items.map(({ sidecar, sequence }) => `${sidecar}.${sequence}`)

/** All pages, one after the other. */
async function paged(questions: Questions, filter: RecordFilter, limit: number): Promise<readonly Item[]> {
  const items: Item[] = []
  let after: Place | undefined
  do {
    const page = await questions.records({ filter, limit, ...(after === undefined ? {} : { after }) }, ALL)
    items.push(...page.items)
    after = page.older
  } while (after !== undefined)
  return items
}

const quant = written(
  Array.from({ length: 40 }, (_, at) =>
    operation({ who: whoOf('quant'), path: `/data/market/${at}`, dataset: 'market' }),
  ).flat(),
  'pod-a',
)
const risk = written(
  Array.from({ length: 25 }, (_, at) =>
    operation({
      who: whoOf('risk'),
      path: `/data/market-restricted/${at}`,
      why: { effect: 'deny', reason: 'no-grant', grants: [] },
    }),
  ).flat(),
  'pod-b',
  NOW - 500,
)
const FILES = { 'one/2026-03-02/pod-a-0.ndjson': fileOf(quant.lines), 'two/pod-b-0.ndjson': fileOf(risk.lines) }
/** Whether records stand in the tail or in Parquet, answers are the same. */
const SIZES = [
  ['in the tail', 1_000_000],
  ['in files of Parquet', 1],
] as const

test.each(SIZES)('every operation is on one page, newest first, with its end: %s', SLOW, async (_, segmentRecords) => {
  const { questions } = await asked(FILES, { taking: { segmentRecords } })
  const expected = [...quant.records, ...risk.records]
    .filter(({ kind }) => kind === 'start')
    .toSorted((one, other) =>
      one.time === other.time ? (one.sidecar < other.sidecar ? 1 : -1) : one.time < other.time ? 1 : -1,
    )
    .map(({ sidecar, sequence }) => `${sidecar}.${sequence}`)
  const items = await paged(questions, {}, 7)
  expect(places(items)).toEqual(expected)
  expect(items.every(({ end, sequence }) => end?.sequence === sequence + 1)).toBe(true)
})

test('paging back leads over the same pages', SLOW, async () => {
  const { questions } = await asked(FILES)
  const first = await questions.records({ filter: {}, limit: 10 }, ALL)
  expect(first.newer).toBeUndefined()
  const second = await questions.records({ filter: {}, limit: 10, ...after(first.older) }, ALL)
  const back = await questions.records({ filter: {}, limit: 10, ...before(second.newer) }, ALL)
  expect(places(back.items)).toEqual(places(first.items))
  const beyond = await questions.records({ filter: {}, limit: 10, ...before(first.items[0]) }, ALL)
  expect(beyond).toEqual({ items: [] })
})
const after = (place: Place | undefined) => (place === undefined ? {} : { after: place })
const before = (place: Place | undefined) => (place === undefined ? {} : { before: place })

test('a path is matched by whole components, a text anywhere', SLOW, async () => {
  const { questions } = await asked(FILES)
  const count = async (filter: RecordFilter) => (await paged(questions, filter, 500)).length
  expect(await count({ path: '/data/market' })).toBe(40)
  expect(await count({ path: '/data/market/' })).toBe(40)
  expect(await count({ path: '/data/market/7' })).toBe(1)
  expect(await count({ path: '/' })).toBe(65)
  expect(await count({ text: 'market-restricted' })).toBe(25)
  expect(await count({ text: 'MARKET' })).toBe(0)
  expect(await count({ decision: ['deny'], team: ['quant'] })).toBe(0)
  expect(await count({ decision: ['deny'], team: ['quant', 'risk'] })).toBe(25)
  expect(await count({ job: ['Job/train-quant'] })).toBe(40)
  expect(await count({ from: NOW - 5000, until: NOW + 1 })).toBe(5)
  expect(await count({ lastMs: 5000 })).toBe(5)
  expect(await count({ kind: ['end'], sidecar: 'pod-b' })).toBe(25)
})

test.each(SIZES)('a facet is counted under everything but its own choice: %s', SLOW, async (_, segmentRecords) => {
  const { questions } = await asked(FILES, { taking: { segmentRecords } })
  const { total, of } = await questions.facets({ filter: { team: ['quant'] }, values: 20 }, ALL)
  expect(total).toBe(40)
  expect(of.team).toEqual([
    { value: 'quant', count: 40, isChosen: true },
    { value: 'risk', count: 25, isChosen: false },
  ])
  expect(of.decision).toEqual([{ value: 'allow', count: 40, isChosen: false }])
  expect(of.job).toEqual([{ value: 'Job/train-quant', count: 40, isChosen: false }])
  const none = await questions.facets({ filter: { team: ['nobody'], decision: ['deny'] }, values: 20 }, ALL)
  expect(none.total).toBe(0)
  expect(none.of.team).toContainEqual({ value: 'nobody', count: 0, isChosen: true })
})

test.each([
  ['a part of an hour', { from: NOW - 20_000, until: NOW - 10_000 }],
  ['whole hours', { from: NOW - HOUR, until: NOW }],
  ['whole hours and what is left', { from: NOW - HOUR - 7000, until: NOW + 1 }],
  ['a path', { path: '/data/market' }],
  ['a job', { job: ['Job/train-risk'] }],
])('the total of %s is the number of rows on all pages', SLOW, async (_, filter) => {
  const { questions } = await asked(FILES, { taking: { segmentRecords: 30 } })
  const { total } = await questions.facets({ filter, values: 20 }, ALL)
  expect(total).toBe((await paged(questions, filter, 500)).length)
  expect(total).toBeGreaterThan(0)
})

test(
  'what two brokers have is there once, and what comes again after a restart is not counted again',
  SLOW,
  async () => {
    const both = { 'one/pod-a-0.ndjson': fileOf(quant.lines), 'two/pod-a-0.ndjson': fileOf(quant.lines.slice(10)) }
    const { questions, look, directory } = await asked(both)
    await writeFile(join(directory, 'three-pod-0.ndjson'), '')
    await truncate(join(directory, 'one/pod-a-0.ndjson'), 0)
    await look()
    await writeFile(join(directory, 'one/pod-a-0.ndjson'), fileOf(quant.lines))
    await look()
    expect((await paged(questions, {}, 500)).length).toBe(40)
    const { totals } = await questions.overview({ lastMs: 24 * HOUR }, ALL)
    expect(totals).toMatchObject({ allowed: 40, denied: 0, bytesRead: 4000 })
  },
)

test('half a line waits for its other half', SLOW, async () => {
  const [line = '', ...more] = quant.lines
  const { questions, look, directory } = await asked({ 'pod-a-0.ndjson': line.slice(0, 100) })
  expect((await questions.records({ filter: {}, limit: 10 }, ALL)).items).toEqual([])
  await appendFile(join(directory, 'pod-a-0.ndjson'), `${line.slice(100)}\n${fileOf(more)}`)
  await look()
  expect((await paged(questions, {}, 500)).length).toBe(40)
})

test('what is no record is left out and told, and the rest is served', SLOW, async () => {
  const lines = quant.lines.map((line, at) =>
    at === 2 ? '{}' : at === 4 ? line.replace('"what":{', '"what":[') : at === 6 ? `${line.slice(0, 300)}` : line,
  )
  const torn = Buffer.concat([
    Buffer.from(fileOf(lines)),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from(fileOf(risk.lines)),
  ])
  const { questions, directory, look } = await asked({})
  await writeFile(join(directory, 'pod-a-0.ndjson'), torn)
  await look()
  const { damaged, intake } = await questions.health(ALL)
  expect(damaged).toEqual([{ file: 'pod-a-0.ndjson', lines: 4, problem: 'it is no record' }])
  expect(intake).toMatchObject({ isCurrent: true })
  expect((await paged(questions, {}, 500)).length).toBe(62)
})

test('Parquet that a sink wrote is taken over, one file that is cut short is left out and told', SLOW, async () => {
  const { questions: first } = await asked(FILES)
  const bytes: Uint8Array[] = []
  for await (const part of (await first.exported({ filter: { kind: ['start', 'end'] }, format: 'parquet' }, ALL)).bytes)
    bytes.push(part)
  const whole = Buffer.concat(bytes)
  const { directory: other, root } = await asked({})
  await Promise.all([
    writeFile(join(other, 'a.parquet'), whole),
    writeFile(join(other, 'b.parquet'), whole.subarray(0, 900)),
  ])
  const both = await openQuestions({
    directory: other,
    cache: join(root, 'cache-2'),
    parquet: [other],
    clock: () => NOW,
  })
  await both.look()
  await put(other, FILES)
  await both.look()
  await both.look()
  const { damaged, intake } = await both.questions.health(ALL)
  expect(damaged).toMatchObject([{ file: join(other, 'b.parquet'), lines: 1 }])
  expect(intake).toMatchObject({ isCurrent: true, records: quant.records.length + risk.records.length })
  expect((await paged(both.questions, {}, 500)).length).toBe(65)
  expect((await both.questions.facets({ filter: {}, values: 5 }, ALL)).total).toBe(65)
  await both.close()
})

test('what has come in is told by arrival, each once', SLOW, async () => {
  const { questions, look, directory } = await asked({ 'pod-a-0.ndjson': fileOf(quant.lines) })
  const { cursor, items } = await questions.fresh({ filter: {}, limit: 100 }, ALL)
  expect(items).toEqual([])
  await writeFile(join(directory, 'pod-b-0.ndjson'), fileOf(risk.lines))
  await look()
  const next = await questions.fresh({ filter: { decision: ['deny'] }, since: cursor, limit: 10 }, ALL)
  expect(next).toMatchObject({ isCut: true })
  expect(places(next.items).at(-1)).toBe('pod-b.48')
  expect(await questions.fresh({ filter: {}, since: next.cursor, limit: 10 }, ALL)).toMatchObject({ items: [] })
})

test('a page of no size, or of too much, is refused', SLOW, async () => {
  const { questions } = await asked({})
  for (const limit of [0, -1, 501, 1.5, Number.NaN])
    await expect(questions.records({ filter: {}, limit }, ALL)).rejects.toMatchObject({ code: 'bad-request' })
})
