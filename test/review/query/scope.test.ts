/** A team lead gets nothing of another team: no row, count, choice, neighbour, name or file, whatever is asked for. */
import { expect, test } from 'vitest'
import type { RecordFilter } from '../../../src/core/audit/record-filter.ts'
import type { Questions } from '../../../src/review/query/questions.ts'
import { EXPORT_FORMATS } from '../../../src/review/query/records.ts'
import type { Scope } from '../../../src/review/query/scope.ts'
import { asked, fileOf, HOUR, NOW, operation, SLOW, whoOf, written } from './written.ts'

const QUANT: Scope = { of: 'team', team: 'quant' }
const ALL: Scope = { of: 'all' }
/** Stands in everything that is another team's. */
const SECRET = 'zzsecret'
const theirs = whoOf(SECRET, { namespace: `ml-${SECRET}`, owner: { kind: 'Job', name: 'train-quant' } })

const ours = written(operation({ who: whoOf('quant'), path: '/data/market/a', dataset: 'market' }), 'pod-quant')
const other = written(
  [
    ...operation({ who: theirs, path: `/data/${SECRET}/a`, dataset: 'market', client: SECRET }),
    ...operation({
      who: theirs,
      path: `/data/${SECRET}/b`,
      dataset: SECRET,
      why: { effect: 'deny', reason: 'no-grant', bundle: `sha256:${SECRET}` },
    }),
    { kind: 'credential', who: theirs, state: 'expired', detail: `ticket is expired, was ${SECRET}` },
  ],
  'pod-theirs',
)
/** As of a broker or webhook: records of several teams in one chain. */
const mixed = written(
  [
    { kind: 'open', who: whoOf('', { namespace: '' }), detail: SECRET },
    ...operation({ who: theirs, path: `/data/${SECRET}/c`, dataset: SECRET }),
    { kind: 'release', who: whoOf('quant'), release: { path: 'p', key: 'k', outcome: 'given' }, bundle: 'sha256:1' },
    { kind: 'gap', who: theirs, gap: { of: `pod-${SECRET}`, from: 3, to: 9, detail: SECRET } },
    { kind: 'policy', who: whoOf(''), bundle: `sha256:${SECRET}`, detail: SECRET },
  ],
  'broker-0',
)
const FILES = {
  'b/pod-quant-0.ndjson': fileOf(ours.lines),
  'b/pod-theirs-0.ndjson': fileOf(other.lines),
  'b/broker-0-0.ndjson': fileOf(mixed.lines),
}

/** Ways to ask for more than the scope gives. */
const FILTERS: readonly RecordFilter[] = [
  {},
  { team: [SECRET] },
  { team: ['quant', SECRET] },
  { identity: [`${SECRET}-research`] },
  { dataset: ['market', SECRET] },
  { namespace: [`ml-${SECRET}`] },
  { kind: ['start', 'end', 'credential', 'gap', 'open', 'policy', 'release'] },
  { path: `/data/${SECRET}` },
  { text: 'secret' },
  { sidecar: 'pod-theirs' },
  { sidecar: 'broker-0' },
  { job: ['Job/train-quant'] },
  { from: 0, until: NOW + HOUR },
  { from: NOW - 100, until: NOW + 100 },
]

async function everything(questions: Questions, scope: Scope): Promise<string> {
  const said: unknown[] = []
  for (const filter of FILTERS) {
    const page = { filter, limit: 500 }
    said.push(await questions.records(page, scope))
    said.push(await questions.records({ ...page, after: { at: NOW + 1, sidecar: 'pod-theirs', sequence: 99 } }, scope))
    said.push(await questions.records({ ...page, before: { at: 0, sidecar: 'a', sequence: 0 } }, scope))
    // What was asked for is told again as chosen, with no record.
    const { of, total } = await questions.facets({ filter, values: 200 }, scope)
    said.push(
      total,
      Object.values(of).map((values) => values.filter(({ count }) => count > 0)),
    )
    said.push(await questions.fresh({ filter, since: 0, limit: 500 }, scope))
    for (const format of filter === FILTERS[0] ? EXPORT_FORMATS : (['ndjson'] as const)) {
      const { bytes } = await questions.exported({ filter, format }, scope)
      for await (const part of bytes) said.push(Buffer.from(part).toString('latin1'))
    }
  }
  said.push(await questions.overview({ lastMs: 24 * HOUR }, scope), await questions.health(scope))
  for (const [sidecar, count] of [
    ['pod-theirs', 5],
    ['broker-0', 6],
    ['pod-quant', 2],
  ] as const)
    for (let sequence = 0; sequence < count; sequence += 1) {
      const record = await questions.record({ sidecar, sequence }, scope)
      said.push(record, await questions.denial({ sidecar, sequence }, scope))
    }
  for (const namespace of ['ml-quant', `ml-${SECRET}`])
    said.push(await questions.job({ kind: 'Job', name: 'train-quant', namespace, limit: 100 }, scope))
  for (const dataset of ['market', SECRET]) said.push((await questions.dataset({ dataset }, scope)).people)
  said.push(await questions.bundles(scope), await questions.chains({}, scope))
  return JSON.stringify(said)
}

test('no answer to a team lead holds anything of another team', SLOW, async () => {
  const { questions } = await asked(FILES)
  const said = await everything(questions, QUANT)
  expect(said).toContain('/data/market/a')
  expect(said).not.toContain(SECRET)
  expect(said).not.toContain('pod-theirs')
  // Whoever may see all sees it: the questions above do ask for it.
  expect(await questions.records({ filter: { text: 'secret' }, limit: 10 }, ALL)).toHaveProperty('items.length', 3)
})

test('counts are those of the team alone', SLOW, async () => {
  const { questions } = await asked(FILES)
  expect((await questions.facets({ filter: {}, values: 20 }, QUANT)).total).toBe(2)
  expect((await questions.facets({ filter: {}, values: 20 }, ALL)).total).toBe(9)
  const { totals, denials, log } = await questions.overview({ lastMs: 24 * HOUR }, QUANT)
  expect(totals).toEqual({
    allowed: 1,
    denied: 0,
    shadowDenied: 0,
    bytesRead: 100,
    bytesWritten: 0,
    identities: 1,
    datasets: 1,
  })
  expect(denials).toEqual([])
  expect(log).toMatchObject({ gapCount: 0, intake: { records: 0, bytesTotal: 0 } })
  expect((await questions.chains({}, QUANT)).chains.map(({ sidecar }) => sidecar)).toEqual(['pod-quant'])
})

test('of a neighbour in a shared chain a team lead gets its number and hash', SLOW, async () => {
  const { questions } = await asked(FILES)
  const found = await questions.record({ sidecar: 'broker-0', sequence: 3 }, QUANT)
  expect(found?.neighbours).toEqual([0, 1, 2, 4, 5].map((at) => ({ sequence: at, hash: mixed.records[at]?.hash })))
  expect(found?.proof).toEqual({ hash: 'holds', before: 'holds', after: 'holds' })
})
