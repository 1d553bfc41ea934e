/** One page of a directory's rows, and how what policy hides is kept from showing in where pages begin and end. */

import { shownRows } from '../listing.ts'
import type { Filter, Seen } from '../operation.ts'
import { type Fields, fieldsAt, isFields, readAnswer, rowsAt } from './read-answer.ts'

export type Page = {
  readonly shown: readonly unknown[]
  /** Whether it has rows that are not shown. */
  readonly isCut: boolean
  /** Name that the next page begins after; nothing on the last page. */
  readonly after: string | undefined
  /** Rows after this page, as HDFS counts them: hidden ones too. */
  readonly remaining: number
}

/** `{"DirectoryListing":{"partialListing":{"FileStatuses":{"FileStatus":[…]}},"remainingEntries":N}}`. */
export function readPage(body: string, seen: Seen): Page {
  const listing = fieldsAt(readAnswer(body), 'DirectoryListing')
  const rows = rowsAt(fieldsAt(fieldsAt(listing, 'partialListing'), 'FileStatuses'), 'FileStatus')
  const shown = shownRows(rows, seen.target, seen.isVisible)
  const remaining = Number(listing['remainingEntries'] ?? Number.NaN)
  const last = rows.at(-1)
  const name = isFields(last) ? last['pathSuffix'] : undefined
  const hasMore = !(remaining === 0) && typeof name === 'string'
  return { shown, isCut: shown.length < rows.length, after: hasMore ? name : undefined, remaining }
}

export const writePage = (shown: readonly unknown[], remaining: number): string =>
  JSON.stringify({
    DirectoryListing: { partialListing: { FileStatuses: { FileStatus: shown } }, remainingEntries: remaining },
  } satisfies Fields)

/** Only what a single page can be: the gateway looks further (`pages.ts`). */
export const PAGE: Filter = {
  without: 'children that policy does not show',
  cut(body, seen) {
    const { shown, remaining } = readPage(body, seen)
    return writePage(shown, remaining)
  },
}
