/** A filter and a scope as a condition: fixed words and parameters. No text of the filter is ever part of the statement. */
import type { Facet, RecordFilter } from '../../../core/audit/record-filter.ts'
import { FACETS, windowOf } from '../../../core/audit/record-filter.ts'
import type { Scope } from '../scope.ts'
import type { Parameter, Parameters } from '../store/database.ts'

export type Where = { readonly sql: string; readonly parameters: Parameters }

/** Of records, and of the counts by hour, which have most of them. */
const COLUMN_OF = {
  team: 'team',
  identity: 'identity',
  namespace: 'namespace',
  dataset: 'dataset',
  operation: 'operation',
  decision: 'effect',
  reason: 'reason',
  kind: 'kind',
  job: "(owner_kind || '/' || owner_name)",
} as const satisfies Record<Facet, string>

export const columnOf = (facet: Facet): string => COLUMN_OF[facet]

/** The records that an answer may speak of: of one team, or all. */
export const scopeWhere = (scope: Scope): Where =>
  scope.of === 'team' ? { sql: 'team = $scope', parameters: { scope: scope.team } } : { sql: 'true', parameters: {} }

/** Those made by one of these: `Job/train-7`. */
export const inJobs = (jobs: readonly string[]): Where => isOneOf('job', jobs)

/** Everything but times: what holds of a record and of the hour that it is counted in. */
export function namesWhere(filter: RecordFilter, scope: Scope, besides?: Facet): Where {
  const own = scopeWhere(scope)
  const parameters: Record<string, Parameter> = { ...own.parameters }
  const conditions = [own.sql]
  for (const facet of FACETS) {
    const values = facet === besides ? undefined : filter[facet]
    if (values === undefined) continue
    const is = isOneOf(facet, values)
    Object.assign(parameters, is.parameters)
    conditions.push(is.sql)
  }
  // An end is shown with its start, and by itself only to who asks for it.
  if (filter.kind === undefined && besides !== 'kind') conditions.push("kind <> 'end'")
  return { sql: conditions.join(' AND '), parameters }
}

function isOneOf(facet: Facet, values: readonly string[]): Where {
  const parameters = Object.fromEntries(values.map((value, index) => [`${facet}_${index}`, value]))
  const names = Object.keys(parameters).map((name) => `$${name}`)
  return { sql: `${COLUMN_OF[facet]} IN (${names.join(', ')})`, parameters }
}

/** That one of a record's two paths is below a path, and has a piece of text in it, as far as either is asked for. */
export function pathWhere({ path, text }: Asked, column: 'path' | 'destination'): Where {
  const top = path?.replace(/\/+$/, '')
  return {
    sql: [
      ...(top === undefined ? [] : [`(${column} = $top OR starts_with(${column}, $below))`]),
      ...(text === undefined ? [] : [`contains(${column}, $text)`]),
    ].join(' AND '),
    parameters: { ...(top === undefined ? {} : { top, below: `${top}/` }), ...(text === undefined ? {} : { text }) },
  }
}

type Asked = { readonly path?: string | undefined; readonly text?: string | undefined }

/** The whole filter. @param now what `last` is counted from, milliseconds since the epoch */
export function recordsWhere(
  filter: RecordFilter,
  scope: Scope,
  { now, besides }: { now: number; besides?: Facet },
): Where {
  const names = namesWhere(filter, scope, besides)
  const parameters: Record<string, Parameter> = { ...names.parameters }
  const conditions = [names.sql]
  const { path, text, sidecar } = filter
  const asked = [...(path === undefined ? [] : [{ path }]), ...(text === undefined ? [] : [{ text }])]
  for (const each of asked) {
    const [byPath, byDestination] = [pathWhere(each, 'path'), pathWhere(each, 'destination')]
    conditions.push(`(${byPath.sql} OR ${byDestination.sql})`)
    Object.assign(parameters, byPath.parameters)
  }
  if (sidecar !== undefined) {
    conditions.push('sidecar = $sidecar')
    parameters['sidecar'] = sidecar
  }
  const { from, until } = windowOf(filter, now)
  if (from !== undefined) {
    conditions.push('time >= make_timestamptz($from::BIGINT * 1000)')
    parameters['from'] = from
  }
  if (until !== undefined) {
    conditions.push('time < make_timestamptz($until::BIGINT * 1000)')
    parameters['until'] = until
  }
  return { sql: conditions.join(' AND '), parameters }
}
