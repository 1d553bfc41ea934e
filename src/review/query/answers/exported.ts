/** Exactly the records that match, as a file: made on disk first, so that neither memory nor the database waits for a slow reader. */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { COLUMNS } from '../../../core/audit/columns.ts'
import { windowOf } from '../../../core/audit/record-filter.ts'
import type { ExportAsked, Exported, ExportFormat } from '../records.ts'
import type { Scope } from '../scope.ts'
import type { Database } from '../store/database.ts'
import { columnNames } from '../store/tables.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { recordsWhere } from './where.ts'

const MADE = {
  csv: { type: 'text/csv; charset=utf-8', as: '(FORMAT csv, HEADER true)' },
  ndjson: { type: 'application/x-ndjson; charset=utf-8', as: '(FORMAT json)' },
  parquet: { type: 'application/vnd.apache.parquet', as: '(FORMAT parquet, COMPRESSION zstd)' },
} as const satisfies Record<ExportFormat, { readonly type: string; readonly as: string }>

export async function exported(
  database: Database,
  { filter, format }: ExportAsked,
  { scope, now }: { readonly scope: Scope; readonly now: number },
): Promise<Exported> {
  const { type, as } = MADE[format]
  const file = join(database.cache, `export-${randomUUID()}.${format}`)
  const where = recordsWhere(filter, scope, { now })
  const columns = format === 'csv' ? COLUMNS.map(harmless).join(', ') : columnNames
  try {
    await database.reading((asking) =>
      askRecords(
        asking,
        `COPY (SELECT ${columns} FROM RECORDS r WHERE ${where.sql} ORDER BY r.time, r.sidecar, r.sequence) TO $export ${as}`,
        {
          segments: segmentsWithin(asking.segments, windowOf(filter, now)),
          parameters: { ...where.parameters, export: file },
        },
      ),
    )
  } catch (thrown) {
    await rm(file, { force: true })
    throw thrown
  }
  return { type, extension: format, bytes: readOnce(file) }
}

/**
 * Spreadsheets take a cell for a formula that begins with one of these (OWASP, CSV injection), with or without blanks before
 * it, and some read the wide forms of these as well: an apostrophe makes it a text. No number in a record is below zero.
 */
const FORMULA = '^\\s*[=+\\-@\\t\\r\\n＝＋－＠]'

function harmless({ name, type }: (typeof COLUMNS)[number]): string {
  if (type === 'BIGINT' || type === 'DOUBLE' || type === 'BOOLEAN') return `r."${name}"`
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return `strftime(r."${name}" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS "${name}"`
  const text = type === 'VARCHAR' ? `r."${name}"` : `CAST(to_json(r."${name}") AS VARCHAR)`
  return `CASE WHEN regexp_matches(${text}, '${FORMULA}') THEN '''' || ${text} ELSE ${text} END AS "${name}"`
}

/** Removed when it was read, or is not read any more. */
async function* readOnce(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file)
  } finally {
    await rm(file, { force: true })
  }
}
