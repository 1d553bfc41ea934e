/**
 * A record as a flat row, for Parquet and whoever reads it: DuckDB, Spark, Trino. One row for each record, start and end apart, as
 * they came: `kind` says which it is, and `sidecar` with `operation_id` joins the two. Hashes are left out, since nothing makes 64
 * random bytes smaller: `sidecar` and `sequence` lead back to the line that is chained.
 */
import type { AuditRecord } from './record.ts'

/** As DuckDB names them. */
export type ColumnType =
  | 'VARCHAR'
  | 'VARCHAR[]'
  | 'BIGINT'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'TIMESTAMP WITH TIME ZONE'
  | 'MAP(VARCHAR, VARCHAR)'

export type Cell = string | number | boolean | readonly string[] | Readonly<Record<string, string>> | undefined

export type Column = {
  /** Lower case with underscores: Hive and Trino know no other. */
  readonly name: string
  readonly type: ColumnType
  /** Fields of a record that fill it, by their whole names. At most one of them is there. */
  readonly fields: readonly string[]
}

const column = (name: string, type: ColumnType, ...fields: readonly string[]): Column => ({ name, type, fields })
const text = (name: string, ...fields: readonly string[]) => column(name, 'VARCHAR', ...fields)
const count = (name: string, ...fields: readonly string[]) => column(name, 'BIGINT', ...fields)

/** Fields of a line that have no column. */
export const WITHOUT_COLUMN: readonly string[] = ['previous', 'hash']

/** In the order in which they stand in a row. Later versions add columns at the end, and take none away. */
export const COLUMNS: readonly Column[] = [
  text('sidecar', 'sidecar'),
  count('sequence', 'sequence'),
  column('time', 'TIMESTAMP WITH TIME ZONE', 'time'),
  text('kind', 'kind'),
  count('format', 'format'),

  text('team', 'who.team'),
  text('identity', 'who.identity'),
  text('principal', 'who.principal'),
  text('namespace', 'who.namespace'),
  text('pod', 'who.pod'),
  text('service_account', 'who.serviceAccount'),
  text('node', 'who.node'),
  text('owner_kind', 'who.owner.kind'),
  text('owner_name', 'who.owner.name'),

  text('operation_id', 'what.operationId'),
  text('operation', 'what.operation'),
  text('path', 'what.path'),
  text('destination', 'what.destination'),
  column('parameters', 'MAP(VARCHAR, VARCHAR)', 'what.parameters'),
  text('dataset', 'what.dataset'),
  text('client', 'what.client'),

  text('effect', 'why.effect', 'admission.effect', 'view.effect'),
  text('reason', 'why.reason', 'end.reason', 'refusal.reason'),
  column('grants', 'VARCHAR[]', 'why.grants'),
  text('bundle', 'why.bundle', 'bundle'),
  text('shadow_effect', 'why.shadow.effect'),
  text('shadow_reason', 'why.shadow.reason'),
  column('shadow_grants', 'VARCHAR[]', 'why.shadow.grants'),

  count('status', 'end.status'),
  count('bytes_read', 'end.bytesRead'),
  count('bytes_written', 'end.bytesWritten'),
  column('duration_ms', 'DOUBLE', 'end.durationMs'),
  column('cut', 'BOOLEAN', 'end.cut'),
  count('resumed', 'end.resumed'),
  text('upload', 'end.upload'),

  text('state', 'state'),
  text('detail', 'detail', 'refusal.detail', 'gap.detail'),

  text('admission_operation', 'admission.operation'),
  text('admission_stage', 'admission.stage'),
  column('admission_reasons', 'VARCHAR[]', 'admission.reasons'),
  text('admission_review', 'admission.review'),

  text('secret_path', 'release.path'),
  text('secret_key', 'release.key'),
  text('secret_version', 'release.version'),
  text('secret_outcome', 'release.outcome'),

  text('refused_asked', 'refusal.asked'),

  text('gap_of', 'gap.of'),
  count('gap_from', 'gap.from'),
  count('gap_to', 'gap.to'),

  text('view_reader', 'view.reader'),
  text('view_role', 'view.role'),
  text('view_url', 'view.url'),
]

/** What a column holds of a record; nothing where the record has no such field. A time is its text. */
export function cellOf(record: AuditRecord, { fields }: Column): Cell {
  for (const field of fields) {
    const value = valueAt(record, field)
    if (value !== undefined) return value as Cell
  }
  return undefined
}

function valueAt(record: AuditRecord, field: string): unknown {
  let at: unknown = record
  for (const name of field.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Readonly<Record<string, unknown>>)[name]
  }
  return at
}
