/** All records as one table: the tail, and those files of Parquet that can hold what is asked for. */
import type { Asking, Parameters, Row, Segment } from '../store/database.ts'
import { columnNames } from '../store/tables.ts'

export type Between = { readonly from?: number | undefined; readonly until?: number | undefined }

/** Those with records from a moment on, and before another. */
export const segmentsWithin = (segments: readonly Segment[], { from, until }: Between): readonly Segment[] =>
  segments.filter(
    ({ firstAt, lastAt }) => (from === undefined || lastAt >= from) && (until === undefined || firstAt < until),
  )

/**
 * Asks `statement`, in which `RECORDS` stands for the records of these files, each with the `file` that it is in, and of the tail if
 * `withTail`.
 * @param parameters other than `$files`
 */
export function askRecords(
  { ask }: Pick<Asking, 'ask'>,
  statement: string,
  given: { readonly segments: readonly Segment[]; readonly parameters: Parameters; readonly withTail?: boolean },
): Promise<readonly Row[]> {
  const { segments, parameters, withTail = true } = given
  const files = segments.map(({ file }) => file)
  const parts = [
    ...(withTail ? [`SELECT ${columnNames}, NULL AS file FROM tail`] : []),
    ...(files.length > 0
      ? [`SELECT ${columnNames}, filename AS file FROM read_parquet($files, union_by_name = true)`]
      : []),
  ]
  const none = `SELECT ${columnNames}, NULL AS file FROM tail WHERE false`
  const table = `(${parts.length === 0 ? none : parts.join(' UNION ALL ')})`
  return ask(statement.replaceAll('RECORDS', table), files.length > 0 ? { ...parameters, files } : parameters)
}
