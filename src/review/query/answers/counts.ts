/** Records counted by their names: whole hours from what was counted before, what is left of an hour from the records themselves. */

import type { Facet, RecordFilter } from '../../../core/audit/record-filter.ts'
import { FACETS, windowOf } from '../../../core/audit/record-filter.ts'
import { HOUR } from '../hour.ts'
import type { Scope } from '../scope.ts'
import { isCounted } from '../search.ts'
import type { Asking, Row } from '../store/database.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { timeOf, timeWhere } from './hours.ts'
import { columnOf, namesWhere, pathWhere, recordsWhere, type Where } from './where.ts'

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
  if (by.includes('job') || !isCounted(filter)) return fromRecords(asking, asked)
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

/**
 * Of each facet its values, counted as if nothing were chosen from it, and how many match in which file: the records are gone through
 * once, since each time takes as long as there are paths to look at.
 * @returns `facet`, `value` and `records`; of the facet `file`, those of the tail have no value
 */
export function countsOfAll(
  asking: Asking,
  { filter, scope, now }: Pick<CountsAsked, 'filter' | 'scope' | 'now'>,
): Promise<readonly Row[]> {
  const looked = lookedThrough(withoutFacets(filter), (asked) => recordsWhere(asked, scope, { now, besides: 'kind' }))
  const whole = namesWhere(filter, scope)
  const by = (facet: string, column: string, where: string) =>
    `SELECT '${facet}' AS facet, coalesce(${column}, '') AS value, sum(records)::DOUBLE AS records FROM matched WHERE ${where} GROUP BY value`
  const parts = [
    ...FACETS.map((facet) => by(facet, columnOf(facet), namesWhere(filter, scope, facet).sql)),
    by('file', 'file', whole.sql),
  ]
  return askRecords(
    asking,
    `WITH ${looked.sql}, matched AS MATERIALIZED (SELECT *, count(*) AS records FROM looked GROUP BY ALL) ${parts.join(' UNION ALL ')}`,
    {
      segments: segmentsWithin(asking.segments, windowOf(filter, now)),
      parameters: { ...looked.parameters, ...whole.parameters },
    },
  )
}

const LOOKED_AT = 'team, identity, namespace, dataset, operation, effect, reason, kind, owner_kind, owner_name, file'

/**
 * `looked`: the records that match. A condition on one column is looked at in a file before any other column is read, and one on either of
 * two is not; so those that match by their destination, which few records have, are found by themselves.
 */
function lookedThrough(filter: RecordFilter, whereOf: (filter: RecordFilter) => Where): Where {
  const { path, text, ...rest } = filter
  if ((path === undefined) === (text === undefined)) {
    const { sql, parameters } = whereOf(filter)
    return { sql: `looked AS (SELECT ${LOOKED_AT} FROM RECORDS WHERE ${sql})`, parameters }
  }
  const besides = whereOf(rest)
  const [byPath, byDestination] = [pathWhere({ path, text }, 'path'), pathWhere({ path, text }, 'destination')]
  return {
    sql: `moved AS MATERIALIZED (SELECT ${LOOKED_AT}, path FROM RECORDS WHERE ${besides.sql} AND ${byDestination.sql}),
      looked AS (SELECT ${LOOKED_AT} FROM RECORDS WHERE ${besides.sql} AND ${byPath.sql}
        UNION ALL SELECT * EXCLUDE (path) FROM moved WHERE NOT coalesce(${byPath.sql}, false))`,
    parameters: { ...besides.parameters, ...byPath.parameters },
  }
}

const withoutFacets = (filter: RecordFilter): RecordFilter =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => !FACETS.some((facet) => facet === name)))

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

async function fromRecords(asking: Asking, { filter, scope, now, besides, by }: CountsAsked): Promise<readonly Row[]> {
  const where = recordsWhere(filter, scope, besides === undefined ? { now } : { now, besides })
  const within = besides === 'job' ? windowOf(filter, now) : await timeOf(asking, { filter, scope, now })
  return askRecords(
    asking,
    `SELECT ${selected(by)} count(*)::DOUBLE AS records FROM RECORDS WHERE ${where.sql} AND ${timeWhere(within)} GROUP BY ALL`,
    { segments: segmentsWithin(asking.segments, within), parameters: where.parameters },
  )
}
