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

export type Pairing = {
  /** The row that a record completes, if it does. Records come newest first, those of one sidecar at least. */
  take(record: AuditRecord): Row | undefined
  /** Ends that are still without a start, when there are no more records. */
  rest(): readonly Row[]
}

/** Ends that are remembered until their start comes. Beyond it the oldest is forgotten: memory has a bound, whatever a log holds. */
const MAX_OPEN = 20_000

export function pairing(): Pairing {
  const ends = new Map<string, EndRecord>()
  return {
    take(record) {
      if (record.kind === 'end') {
        ends.set(keyOf(record), record)
        if (ends.size > MAX_OPEN) ends.delete(ends.keys().next().value ?? '')
        return undefined
      }
      if (record.kind !== 'start') return { of: 'note', note: record }
      const end = ends.get(keyOf(record))
      ends.delete(keyOf(record))
      return end === undefined ? { of: 'operation', start: record } : { of: 'operation', start: record, end }
    },
    rest: () => [...ends.values()].map((end) => ({ of: 'orphan', end })),
  }
}

const keyOf = ({ sidecar, what }: Start | EndRecord): string => `${sidecar}\n${what.operationId}`
