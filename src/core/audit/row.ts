/** What a reader sees as one thing: the two records of an operation, or a single record of another kind. */
import type { AuditRecord } from './record.ts'

export type Start = Extract<AuditRecord, { kind: 'start' }>
export type EndRecord = Extract<AuditRecord, { kind: 'end' }>
export type Note = Exclude<AuditRecord, Start | EndRecord>

export type Row =
  /** `end` is missing while the operation runs, and for ever when the sidecar died during it. */
  | { readonly of: 'operation'; readonly start: Start; readonly end?: EndRecord }
  /** An end whose start was not found: cut away, or in a line that cannot be read. */
  | { readonly of: 'orphan'; readonly end: EndRecord }
  | { readonly of: 'note'; readonly note: Note }

/** The record that places a row in time. */
export const recordOf = (row: Row): AuditRecord =>
  row.of === 'operation' ? row.start : row.of === 'orphan' ? row.end : row.note

/** Records as rows, in the order of their starts and notes; ends without a start come last. */
export function toRows(records: readonly AuditRecord[]): readonly Row[] {
  const ends = new Map<string, EndRecord>()
  for (const record of records) if (record.kind === 'end') ends.set(keyOf(record), record)
  const rows: Row[] = []
  for (const record of records) {
    if (record.kind === 'end') continue
    if (record.kind !== 'start') {
      rows.push({ of: 'note', note: record })
      continue
    }
    const end = ends.get(keyOf(record))
    ends.delete(keyOf(record))
    rows.push({ of: 'operation', start: record, ...(end === undefined ? {} : { end }) })
  }
  return [...rows, ...[...ends.values()].map((end): Row => ({ of: 'orphan', end }))]
}

const keyOf = ({ sidecar, what }: Start | EndRecord): string => `${sidecar}\n${what.operationId}`
