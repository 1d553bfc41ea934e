/** Questions about many records: a page of them, how many of which kind, what has just come, and all of them as a file. */
import type { Facet, RecordFilter } from '../../core/audit/record-filter.ts'
import type { Item, Place } from './item.ts'

export type RecordsAsked = {
  readonly filter: RecordFilter
  /** Items that are older than this place. With `before`, neither is the newest. */
  readonly after?: Place
  /** Items that are newer than this place, those next to it. */
  readonly before?: Place
  /** From 1 to 500. */
  readonly limit: number
  /** Not looked at, as {@link Facets} say. */
  readonly without?: Facets['without'] | undefined
}

export type RecordsPage = {
  /** Newest first, whichever way was paged. */
  readonly items: readonly Item[]
  /** Where to go on; absent at the end. */
  readonly older?: Place
  readonly newer?: Place
}

export type FacetsAsked = {
  readonly filter: RecordFilter
  /** Values of each facet, the most frequent; from 1 to 200. */
  readonly values: number
}

export type FacetValue = {
  /** Empty where a record does not say. */
  readonly value: string
  readonly count: number
  readonly isChosen: boolean
}

export type Facets = {
  /** Items that match the whole filter. */
  readonly total: number
  /** Most frequent first; those that are chosen are always there. Counted under everything but the choice in the facet itself. */
  readonly of: { readonly [facet in Facet]: readonly FacetValue[] }
  /** Facets that have more values than are here. */
  readonly cut: readonly Facet[]
  /** Files in which nothing matches, where every record had to be looked at to count them. */
  readonly without?: ReadonlySet<string>
}

export type FreshAsked = {
  readonly filter: RecordFilter
  /** The `cursor` of the answer before; absent at the beginning, which gives no items and only a cursor. */
  readonly since?: number
  /** From 1 to 500. */
  readonly limit: number
}

/** What has come since: in the order of its arrival, which is not that of time. */
export type Fresh = {
  /** Oldest arrival first. */
  readonly items: readonly Item[]
  readonly cursor: number
  /** Whether more came than `limit`: the oldest of them are left out. */
  readonly isCut: boolean
}

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Exactly the items that match, oldest first. */
export type ExportAsked = { readonly filter: RecordFilter; readonly format: ExportFormat }

export type Exported = {
  /** Media type, with its charset. */
  readonly type: string
  /** `csv`, for the name of a file. */
  readonly extension: string
  /** May be left early: then what was made for it is removed. */
  readonly bytes: AsyncIterable<Uint8Array>
}
