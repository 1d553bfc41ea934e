/** Records counted by their names: whole hours from what was counted before, what is left of an hour from the records themselves. */

import type { Facet, RecordFilter } from '../../../core/audit/record-filter.ts'
import { FACETS, windowOf } from '../../../core/audit/record-filter.ts'
import { HOUR } from '../hour.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Row } from '../store/database.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { columnOf, namesWhere, recordsWhere } from './where.ts'

export type CountsAsked = {
  readonly filter: RecordFilter
  readonly scope: Scope
  readonly now: number
  /** A facet whose own choice is not looked at. */
  readonly besides?: Facet
  readonly by: readonly Facet[]
}

/** One row for each combination: the facets by their names, `''` where a record does not say, and `records`. */
export async function counts(asking: Asking, asked: CountsAsked): Promise<readonly Row[]> {
  const { filter, by } = asked
  if (by.includes('job') || filter.job !== undefined || asksForMore(filter)) return fromRecords(asking, asked)
  const { from, until } = windowOf(filter, asked.now)
  const first = from === undefined ? undefined : Math.ceil(from / HOUR) * HOUR
  const last = until === undefined ? undefined : Math.floor(until / HOUR) * HOUR
  if (first !== undefined && last !== undefined && first >= last) return fromRecords(asking, asked)
  const edges = [
    ...(from === undefined || first === undefined || first === from ? [] : [{ from, until: first }]),
    ...(until === undefined || last === undefined || last === until ? [] : [{ from: last, until }]),
  ]
  const { lastMs: _, from: _from, until: _until, ...names } = filter
  const parts = await Promise.all([
    fromHours(asking, asked, { first, last }),
    ...edges.map((edge) => fromRecords(asking, { ...asked, filter: { ...names, ...edge } })),
  ])
  return parts.flat()
}

/** Whether a filter asks for what is not counted by the hour. */
export const asksForMore = ({ path, text, sidecar }: RecordFilter): boolean =>
  path !== undefined || text !== undefined || sidecar !== undefined

/**
 * Of each facet its values, counted as if nothing were chosen from it, and the `total` of what matches: the records are gone through
 * once, since each time takes as long as there are paths to look at.
 * @returns `facet`, `value` and `records`
 */
export function countsOfAll(
  asking: Asking,
  { filter, scope, now }: Pick<CountsAsked, 'filter' | 'scope' | 'now'>,
): Promise<readonly Row[]> {
  const rest = Object.fromEntries(
    Object.entries(filter).filter(([name]) => !FACETS.some((facet) => facet === name)),
  ) as RecordFilter
  const where = recordsWhere(rest, scope, { now, besides: 'kind' })
  const whole = namesWhere(filter, scope)
  const parts = FACETS.map((facet) => {
    const { sql } = namesWhere(filter, scope, facet)
    return `SELECT '${facet}' AS facet, coalesce(${columnOf(facet)}, '') AS value, sum(records)::DOUBLE AS records
      FROM matched WHERE ${sql} GROUP BY value`
  })
  const total = `SELECT 'total' AS facet, '' AS value, coalesce(sum(records), 0)::DOUBLE AS records FROM matched WHERE ${whole.sql}`
  return askRecords(
    asking,
    `WITH matched AS MATERIALIZED (
      SELECT team, identity, namespace, dataset, operation, effect, reason, kind, owner_kind, owner_name, count(*) AS records
      FROM RECORDS WHERE ${where.sql} GROUP BY ALL
    ) ${[...parts, total].join(' UNION ALL ')}`,
    {
      segments: segmentsWithin(asking.segments, windowOf(filter, now)),
      parameters: { ...where.parameters, ...whole.parameters },
    },
  )
}

const selected = (by: readonly Facet[]): string =>
  by.map((facet) => `coalesce(${columnOf(facet)}, '') AS "${facet}", `).join('')

function fromHours(
  { ask }: Asking,
  { filter, scope, besides, by }: CountsAsked,
  { first, last }: { readonly first: number | undefined; readonly last: number | undefined },
): Promise<readonly Row[]> {
  const where = namesWhere(filter, scope, besides)
  const times = [
    ...(first === undefined ? [] : ['hour >= $first::BIGINT']),
    ...(last === undefined ? [] : ['hour < $last::BIGINT']),
  ]
  return ask(
    `SELECT ${selected(by)} sum(records)::DOUBLE AS records FROM per_hour
      WHERE ${[where.sql, ...times].join(' AND ')} GROUP BY ALL`,
    { ...where.parameters, ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) },
  )
}

function fromRecords(asking: Asking, { filter, scope, now, besides, by }: CountsAsked): Promise<readonly Row[]> {
  const where = recordsWhere(filter, scope, besides === undefined ? { now } : { now, besides })
  return askRecords(
    asking,
    `SELECT ${selected(by)} count(*)::DOUBLE AS records FROM RECORDS WHERE ${where.sql} GROUP BY ALL`,
    {
      segments: segmentsWithin(asking.segments, windowOf(filter, now)),
      parameters: where.parameters,
    },
  )
}
