/** A page of records together with its counts, where each helps the other. */
import type { RecordFilter } from '../../core/audit/record-filter.ts'
import type { Questions } from './questions.ts'
import type { Facets, FacetsAsked, RecordsAsked, RecordsPage } from './records.ts'
import type { Scope } from './scope.ts'

export type Found = { readonly page: RecordsPage; readonly facets: Facets }

/**
 * Where every record is looked at to be counted, the counts say first which files need not be looked at for the page. To do both at once
 * would take longer: each by itself has all processors.
 */
export async function search(
  { records, facets }: Pick<Questions, 'records' | 'facets'>,
  { values, ...asked }: RecordsAsked & FacetsAsked,
  scope: Scope,
): Promise<Found> {
  const counting = facets({ filter: asked.filter, values }, scope)
  if (!isLookedThrough(asked.filter)) {
    const [page, counted] = await Promise.all([records(asked, scope), counting])
    return { page, facets: counted }
  }
  const counted = await counting
  return { page: await records({ ...asked, without: counted.without }, scope), facets: counted }
}

/** Whether every record has to be looked at, whenever it was. */
export const isLookedThrough = ({ path, text, sidecar }: RecordFilter): boolean =>
  path !== undefined || text !== undefined || sidecar !== undefined

/** Whether what a filter asks for is counted by the hour. */
export const isCounted = (filter: RecordFilter): boolean => filter.job === undefined && !isLookedThrough(filter)
