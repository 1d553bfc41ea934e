/** Reads the log of views, newest first, for the page that shows it. */
import type { Found } from '../io/audit/rows.ts'
import { searchRows } from '../io/audit/rows.ts'

/** @param after `CHAIN.NUMBER`: views older than that one */
export type ViewsRead = (after: string | undefined) => Promise<Found>

const ROWS = 100
const MAX_LINES = 60_000

export const readViews =
  (directory: string): ViewsRead =>
  (after) => {
    const [, sidecar = '', sequence = ''] = /^(.+)\.(\d{1,15})$/.exec(after ?? '') ?? []
    const place = sidecar === '' ? {} : { after: { sidecar, sequence: Number(sequence) } }
    return searchRows(directory, { filter: {}, limit: ROWS, maxLines: MAX_LINES, ...place })
  }
