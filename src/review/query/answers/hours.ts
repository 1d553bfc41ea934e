/** Where in time it is worth looking, by what was counted hour by hour: records of other hours are not read. */

import type { RecordFilter } from '../../../core/audit/record-filter.ts'
import { windowOf } from '../../../core/audit/record-filter.ts'
import { HOUR } from '../hour.ts'
import type { Scope } from '../scope.ts'
import { isCounted } from '../search.ts'
import type { Asking } from '../store/database.ts'
import type { Between } from './from-records.ts'
import { inJobs, namesWhere, scopeWhere } from './where.ts'

export type Holding = {
  readonly filter: RecordFilter
  readonly scope: Scope
  /** Nothing outside of it matches. */
  readonly within: Between
  readonly isBackwards: boolean
  readonly limit: number
}

export type Held = {
  readonly within: Between
  /** Whether nothing that matches is outside of it. Otherwise it holds `limit` records, unless some cannot be read any more. */
  readonly isEvery: boolean
}

/**
 * A part of `within` that holds the first `limit` records of the filter: the newest of them, or backwards the oldest. All of it where
 * the filter asks for what is not counted.
 */
export async function hoursHolding({ ask }: Asking, asked: Holding): Promise<Held> {
  const { filter, scope, within, isBackwards, limit } = asked
  if (!isCounted(filter)) return { within, isEvery: true }
  const names = namesWhere(filter, scope)
  // An hour that is only partly within may hold none of what was counted in it: it is read, and counts for nothing.
  const first = within.from === undefined ? undefined : Math.ceil(within.from / HOUR) * HOUR
  const last = within.until === undefined ? undefined : Math.floor(within.until / HOUR) * HOUR
  const times = [
    ...(first === undefined ? [] : ['hour >= $first::BIGINT']),
    ...(last === undefined ? [] : ['hour < $last::BIGINT']),
  ]
  const [row] = await ask(
    `WITH hours AS (SELECT hour, sum(records) AS records FROM per_hour WHERE ${[names.sql, ...times].join(' AND ')} GROUP BY hour),
      summed AS (
        SELECT hour, sum(records) OVER (ORDER BY hour ${isBackwards ? 'ASC' : 'DESC'} ROWS UNBOUNDED PRECEDING) - records AS before
        FROM hours
      )
    SELECT min(hour)::DOUBLE AS first, max(hour)::DOUBLE AS last, count(*) = (SELECT count(*) FROM hours) AS "isEvery"
    FROM summed WHERE before < $limit::BIGINT`,
    { ...names.parameters, limit, ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) },
  )
  const found = row?.['first'] == null ? undefined : { from: Number(row['first']), until: Number(row['last']) + HOUR }
  const isEvery = row?.['isEvery'] === true
  // Where all hours are needed, the part of an hour at the far edge is needed as well.
  const part = isBackwards
    ? { from: within.from ?? found?.from ?? NEVER, until: isEvery ? within.until : found?.until }
    : {
        from: isEvery ? (within.from ?? found?.from ?? last ?? NEVER) : found?.from,
        until: within.until ?? found?.until,
      }
  return { within: part, isEvery }
}

/** The last moment that JavaScript has. */
const NEVER = 8.64e15

/** From when to when what a filter asks for can be: as it says itself, and while its jobs ran. */
export async function timeOf(
  { ask }: Pick<Asking, 'ask'>,
  { filter, scope, now }: { readonly filter: RecordFilter; readonly scope: Scope; readonly now: number },
): Promise<Between> {
  const given = windowOf(filter, now)
  if (filter.job === undefined) return given
  const [own, jobs] = [scopeWhere(scope), inJobs(filter.job)]
  const [ran] = await ask<{ readonly first: number; readonly last: number }>(
    `SELECT min(first_at)::DOUBLE AS first, max(last_at)::DOUBLE AS last FROM jobs WHERE ${jobs.sql} AND ${own.sql} HAVING count(*) > 0`,
    { ...jobs.parameters, ...own.parameters },
  )
  if (ran === undefined) return { from: 0, until: 0 }
  return { from: Math.max(given.from ?? 0, ran.first), until: Math.min(given.until ?? NEVER, ran.last + 1) }
}

/** From when to when these numbers of a chain are; nothing when it has none of them. */
export async function timeOfNumbers(
  { ask }: Asking,
  { sidecar, from, to }: { readonly sidecar: string; readonly from: number; readonly to: number },
): Promise<Between | undefined> {
  const [row] = await ask(
    `SELECT min(hour)::DOUBLE AS first, max(hour)::DOUBLE AS last FROM chain_hours
      WHERE sidecar = $sidecar AND first <= $to::BIGINT AND last >= $from::BIGINT HAVING count(*) > 0`,
    { sidecar, from, to },
  )
  return row === undefined ? undefined : { from: Number(row['first']), until: Number(row['last']) + HOUR }
}

/** When the last hour of any of these chains is over; nothing when none is known. */
export async function endOfChains({ ask }: Asking, sidecars: readonly string[]): Promise<number | undefined> {
  const names = sidecars.map((_, index) => `$chain_${index}`)
  const [row] = await ask(
    `SELECT max(hour)::DOUBLE AS last FROM chain_hours WHERE sidecar IN (${names.join(', ')}) HAVING count(*) > 0`,
    Object.fromEntries(sidecars.map((sidecar, index) => [`chain_${index}`, sidecar])),
  )
  return row === undefined ? undefined : Number(row['last']) + HOUR
}

/** As a condition on `time`, with numbers of ours only. */
export function timeWhere({ from, until }: Between): string {
  const at = (ms: number) => `make_timestamptz(${Math.trunc(ms)} * 1000)`
  const parts = [
    ...(from === undefined ? [] : [`time >= ${at(from)}`]),
    ...(until === undefined ? [] : [`time < ${at(until)}`]),
  ]
  return parts.length === 0 ? 'true' : parts.join(' AND ')
}
