/**
 * Records over many days, busy hours and empty ones: whichever filter and way one pages, each that matches is on one page, in order.
 * What was counted hour by hour says which hours are read, so a count that is too high anywhere would lose a row here.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditRecord, Entry } from '../../../src/core/audit/record.ts'
import type { RecordFilter } from '../../../src/core/audit/record-filter.ts'
import { windowOf } from '../../../src/core/audit/record-filter.ts'
import type { Place } from '../../../src/review/query/item.ts'
import type { Questions } from '../../../src/review/query/questions.ts'
import { search } from '../../../src/review/query/search.ts'
import { chained, NOON, writeLog } from '../../io/audit/logs.ts'
import { type InProcess, inProcess } from '../in-process.ts'
import { HOUR, NOW, operation, SLOW, whoOf } from './written.ts'

const DAYS = 4
const TEAMS = ['quant', 'risk', 'climate'] as const
let records: readonly AuditRecord[] = []
let review: InProcess
let questions: Questions

/** Some hours have nothing, some a dozen; the ends of some operations come hours later, or never. */
function entries(team: string, seed: number): readonly { readonly entry: Entry; readonly at: number }[] {
  const all: { entry: Entry; at: number }[] = []
  for (let hour = 0; hour < DAYS * 24; hour += 1) {
    const count = (hour * 7 + seed * 3) % 11 === 0 ? 6 : (hour + seed) % 5 === 0 ? 1 : 0
    for (let turn = 0; turn < count; turn += 1) {
      const at = NOW - (DAYS * 24 - hour) * HOUR + turn * 411_000 - NOON
      const isDenied = (hour + turn) % 4 === 0
      const who = whoOf(
        team,
        hour % 3 === 0 ? { namespace: 'ml-shared', owner: { kind: 'Job', name: `run-${hour % 7}` } } : {},
      )
      const [first, last] = operation({
        who,
        path: `/data/${team}/${hour}/${turn}`,
        operation: turn % 2 === 0 ? 'OPEN' : 'CREATE',
        ...(turn === 3
          ? { operation: 'RENAME', destination: `/data/${hour % 2 === 0 ? team : 'public'}/${hour}/moved` }
          : {}),
        ...(isDenied ? { why: { effect: 'deny', reason: 'no-grant', grants: [] } } : { dataset: `set-${hour % 4}` }),
      })
      if (first !== undefined) all.push({ entry: first, at })
      const lasts = turn === 0 ? 5 * HOUR : 1500
      if (last !== undefined && (hour + turn) % 9 !== 0) all.push({ entry: last, at: at + lasts })
    }
  }
  return all.toSorted((one, other) => one.at - other.at)
}

beforeAll(async () => {
  const fill = (directory: string) => {
    for (const [seed, team] of TEAMS.entries()) {
      const { lines, records: some } = chained(`pod-${team}`, entries(team, seed))
      records = [...records, ...some]
      writeLog(directory, `pod-${team}`, lines, 20)
    }
  }
  // Pieces of a few hours each, and the newest in the tail.
  review = await inProcess({ clock: () => NOW, fill, taking: { segmentRecords: 60, batchLines: 20 } })
  questions = review.asking.questions
  return () => review.close()
}, SLOW.timeout)

const key = ({ sidecar, sequence }: { sidecar: string; sequence: number }) => `${sidecar}.${sequence}`

function expected(filter: RecordFilter, team: string | undefined): readonly string[] {
  const { from = 0, until = Number.POSITIVE_INFINITY } = windowOf(filter, NOW)
  const below = (top: string, path: string | undefined) => path === top || path?.startsWith(`${top}/`) === true
  const among = (list: readonly string[] | undefined, value: string | undefined) =>
    list === undefined || (value !== undefined && list.includes(value))
  return records
    .filter((record) => {
      if (record.kind !== 'start' && record.kind !== 'end') return false
      if (record.kind !== (filter.kind?.[0] ?? 'start')) return false
      const { who, what } = record
      const effect = record.kind === 'start' ? record.why.effect : undefined
      const at = Date.parse(record.time)
      return (
        at >= from &&
        at < until &&
        (team === undefined || who.team === team) &&
        among(filter.team, who.team) &&
        among(filter.namespace, who.namespace) &&
        among(filter.operation, what.operation) &&
        among(filter.dataset, what.dataset) &&
        among(filter.decision, effect) &&
        among(filter.job, who.owner && `${who.owner.kind}/${who.owner.name}`) &&
        (filter.path === undefined || below(filter.path, what.path) || below(filter.path, what.destination)) &&
        (filter.text === undefined ||
          [what.path, what.destination].some((path) => path?.includes(filter.text ?? ''))) &&
        (filter.sidecar === undefined || record.sidecar === filter.sidecar)
      )
    })
    .toSorted((one, other) =>
      one.time === other.time ? (one.sidecar < other.sidecar ? 1 : -1) : one.time < other.time ? 1 : -1,
    )
    .map(key)
}

const FILTERS: readonly (readonly [filter: RecordFilter, team: string | undefined])[] = [
  [{}, undefined],
  [{}, 'risk'],
  [{ team: ['quant'] }, undefined],
  [{ team: ['quant', 'nobody'], decision: ['deny'] }, undefined],
  [{ team: ['nobody'] }, undefined],
  [{ namespace: ['ml-shared'], operation: ['CREATE'] }, undefined],
  [{ dataset: ['set-2'], lastMs: 7 * 24 * HOUR }, undefined],
  [{ decision: ['deny'], lastMs: 31 * 60_000 }, undefined],
  [{ from: NOW - 9 * 24 * HOUR - 1_234_567, until: NOW - 5 * 24 * HOUR + 345_678 }, undefined],
  [{ team: ['risk'], from: NOW - 200 * HOUR - 17, until: NOW - 199 * HOUR + 17 }, undefined],
  [{ job: ['Job/run-3'] }, undefined],
  [{ job: ['Job/run-3', 'Job/nobody'], from: NOW - 3 * 24 * HOUR - 99 }, 'quant'],
  [{ job: ['Job/nobody'] }, undefined],
  [{ job: ['Job/run-1', 'Job/train-quant'], kind: ['end'] }, undefined],
  [{ text: '/risk/1' }, 'risk'],
  [{ text: '/moved' }, undefined],
  [{ text: '/moved' }, 'risk'],
  [{ text: '/risk/0/' }, undefined],
  [{ text: 'nowhere' }, undefined],
  [{ path: '/data/risk' }, undefined],
  [{ path: '/data/public', lastMs: 4 * 24 * HOUR }, undefined],
  [{ path: '/data/public' }, 'quant'],
  [{ path: '/data/quant', text: '/moved', team: ['quant'] }, undefined],
  [{ path: '/data/climate', sidecar: 'pod-climate', decision: ['deny'] }, undefined],
]

describe('page by page', () => {
  const limit = 41
  const values = 50
  it.each(FILTERS)('each is on one page, newest first, and back again: %j %s', SLOW, async (filter, team) => {
    const scope = team === undefined ? ({ of: 'all' } as const) : ({ of: 'team', team } as const)
    const wanted = expected(filter, team)
    const found: string[] = []
    const newest: Place[] = []
    for (let after: Place | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const asked = { filter, limit, values, ...(after === undefined ? {} : { after }) }
      const { page, facets } = await search(questions, asked, scope)
      expect(facets.total).toBe(wanted.length)
      found.push(...page.items.map(key))
      if (page.items[0] !== undefined) newest.push(page.items[0])
      after = page.older
    }
    expect(found).toEqual(wanted)
    // From each page back to the one before it.
    for (const [index, before] of newest.entries()) {
      const { page } = await search(questions, { filter, limit, values, before }, scope)
      expect(page.items.map(key)).toEqual(wanted.slice(Math.max(0, (index - 1) * limit), index * limit))
    }
  })
})

it('an operation has its end however late that came, and none where there is none', SLOW, async () => {
  const { items } = await questions.records({ filter: {}, limit: 400 }, { of: 'all' })
  const ends = new Map(records.flatMap((one) => (one.kind === 'end' ? [[one.what.operationId, one.sequence]] : [])))
  expect(items.map(({ end }) => end?.sequence)).toEqual(items.map(({ what }) => ends.get(what?.operationId ?? '')))
  expect(items.some(({ end }) => end === undefined)).toBe(true)
})

it('a record is found by its number alone, wherever it is', SLOW, async () => {
  for (const { sidecar, sequence, time } of records.filter((_, index) => index % 97 === 0)) {
    const one = await questions.record({ sidecar, sequence }, { of: 'all' })
    expect(one?.item.at).toBe(Date.parse(time))
  }
  expect(await questions.record({ sidecar: 'pod-risk', sequence: 999_999 }, { of: 'all' })).toBeUndefined()
})
