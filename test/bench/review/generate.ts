/**
 * Records by the million, as months of training jobs would leave them: made by DuckDB from a seed, the same ones for everybody.
 * They are rows of Parquet, not lines: there is no chain in them, and nothing here can be verified. The first file is made record
 * by record; the others are the same work by other pods, at other times.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { COLUMNS } from '../../../src/core/audit/columns.ts'
import { inBands, SEGMENT_FORMAT } from '../../../src/review/query/store/segments.ts'

export type Generated = {
  readonly directory: string
  /** Starts and ends; rounded up to whole files. */
  readonly records: number
  readonly seed: number
  /** Milliseconds since the epoch: of the newest record. */
  readonly until: number
  /** From the oldest record to the newest. */
  readonly days: number
  readonly recordsPerFile?: number
}

/** @returns the files, oldest first */
export async function generate(connection: DuckDBConnection, options: Generated): Promise<readonly string[]> {
  const { directory, records, seed, until, days, recordsPerFile = 1_000_000 } = options
  await mkdir(directory, { recursive: true })
  const count = Math.ceil(records / recordsPerFile)
  const spanMs = Math.floor((days * 86_400_000) / count)
  const files: string[] = []
  for (let number = 0; number < count; number += 1) {
    const file = join(directory, `generated-${String(number).padStart(5, '0')}.parquet`)
    const [first] = files
    const from = until - spanMs * (count - number)
    if (first === undefined) {
      const operations = Math.floor(recordsPerFile / 2)
      await connection.run(`COPY (${inBands(`(${ROWS})`)}) TO $file ${SEGMENT_FORMAT}`, {
        file,
        operations,
        seed,
        from_ms: from,
        span_ms: spanMs,
      })
    } else {
      await connection.run(`COPY (${AGAIN}) TO $file ${SEGMENT_FORMAT}`, {
        file,
        first,
        number,
        shift_ms: spanMs * number,
      })
    }
    files.push(file)
  }
  return files
}

/** Other pods of other jobs, at another time, on other days' files. In the same order, since all chains begin with the number. */
const AGAIN = `
SELECT * REPLACE (
  time + to_milliseconds($shift_ms::BIGINT) AS time,
  printf('%04x', $number::INTEGER) || substr(sidecar, 5) AS sidecar,
  printf('%04x', $number::INTEGER) || substr(operation_id, 5) AS operation_id,
  pod || '-' || $number::INTEGER AS pod,
  owner_name || '-' || $number::INTEGER AS owner_name,
  CASE WHEN bundle IS NOT NULL THEN 'sha256:' || md5(($number::INTEGER // 4)::VARCHAR) END AS bundle,
  replace(path, 'date=2026', 'date=' || (2000 + $number::INTEGER)) AS path
)
FROM read_parquet($first)`

/** A number from 0 to 1 that belongs to an operation or a job, another one for each name. */
const random = (of: 'i' | 'job', name: string): string =>
  `((hash(${of}, '${name}', $seed::BIGINT) % 1000003) / 1000003.0)`
const oneOf = (of: 'i' | 'job', name: string, count: number | string): string =>
  // The lower bits of two hashes of the same number go together, whatever else is hashed with it.
  `CAST((hash(${of}, '${name}', $seed::BIGINT) >> 32) % (${count}) AS BIGINT)`

/** What is not named here is NULL. */
const MADE: Readonly<Record<string, string>> = {
  sidecar: 'sidecar',
  sequence: 'row_number() OVER (PARTITION BY sidecar ORDER BY ms, kind DESC) - 1',
  time: 'make_timestamptz(ms * 1000)',
  kind: 'kind',
  format: '2',
  team: 'team',
  identity: 'identity',
  principal: "identity || '@CORP.EXAMPLE'",
  namespace: "'ml-' || team",
  pod: "job_name || '-' || substr(sidecar, 1, 5)",
  service_account: "'trainer'",
  node: "'node-' || (job % 97)",
  owner_kind: "CASE WHEN job % 9 = 0 THEN 'Notebook' ELSE 'Job' END",
  owner_name: 'job_name',
  operation_id: "substr(sidecar, 1, 8) || '-' || i",
  operation: 'operation',
  path: 'path',
  dataset: 'CASE WHEN effect_of = 2 THEN NULL ELSE dataset END',
  client: "CASE WHEN job % 3 = 0 THEN 'Apache-HttpClient/5.4 (Java/17)' ELSE 'python-requests/2.32.3' END",
  effect: "CASE WHEN kind = 'end' THEN NULL WHEN effect_of > 0 THEN 'deny' ELSE 'allow' END",
  reason: `CASE WHEN kind = 'end' THEN NULL ELSE ['granted', 'no-grant', 'no-dataset'][effect_of + 1] END`,
  grants:
    "CASE WHEN kind = 'end' OR effect_of > 0 THEN NULL ELSE [team || '-reads-' || dataset || '@teams/' || team || '.yaml:12'] END",
  bundle: "CASE WHEN kind = 'end' THEN NULL ELSE 'sha256:' || md5('0') END",
  status: "CASE WHEN kind = 'end' THEN CASE WHEN effect_of > 0 THEN 403 ELSE 200 END END",
  bytes_read: "CASE WHEN kind = 'end' THEN CASE WHEN operation = 'OPEN' AND effect_of = 0 THEN size ELSE 0 END END",
  bytes_written:
    "CASE WHEN kind = 'end' THEN CASE WHEN operation = 'CREATE' AND effect_of = 0 THEN size ELSE 0 END END",
  duration_ms: "CASE WHEN kind = 'end' THEN lasted END",
  cut: "CASE WHEN kind = 'end' THEN false END",
}

const ROWS = `
WITH asked AS (
  SELECT i, $from_ms::BIGINT + (i * $span_ms::BIGINT) // $operations::BIGINT AS ms, ${oneOf('i', 'job', 240)} AS job
  FROM range($operations::BIGINT) AS numbers(i)
), who AS (
  SELECT *,
    'team-' || lpad((job % 12)::VARCHAR, 2, '0') AS team,
    'team-' || lpad((job % 12)::VARCHAR, 2, '0') || '-' || ['research', 'serving', 'etl', 'eval'][1 + (job // 12) % 4] AS identity,
    'train-' || ${oneOf('job', 'name', 100_000)} AS job_name,
    CAST(md5(job || '/' || $seed) AS UUID)::VARCHAR AS sidecar,
    CASE WHEN ${random('i', 'effect')} < 0.98 THEN 0 WHEN ${random('i', 'why')} < 0.7 THEN 1 ELSE 2 END AS effect_of,
    ${random('i', 'operation')} AS dice,
    'dataset-' || lpad(((job % 12) * 4 + ${oneOf('i', 'dataset', 4)})::VARCHAR, 2, '0') AS dataset,
    CAST(exp(${random('i', 'size')} * 12 + 6) AS BIGINT) AS size,
    round(exp(${random('i', 'lasted')} * 6), 3) AS lasted
  FROM asked
), what AS (
  SELECT *,
    CASE WHEN dice < 0.62 THEN 'OPEN' WHEN dice < 0.84 THEN 'GETFILESTATUS' WHEN dice < 0.93 THEN 'LISTSTATUS'
      WHEN dice < 0.98 THEN 'CREATE' WHEN dice < 0.99 THEN 'RENAME' ELSE 'DELETE' END AS operation,
    '/data/' || dataset || '/date=2026-' || lpad((1 + ${oneOf('job', 'month', 12)})::VARCHAR, 2, '0') || '-'
      || lpad((1 + ${oneOf('i', 'day', 28)})::VARCHAR, 2, '0') || '/part-' || lpad(((i // 240) % 4096)::VARCHAR, 5, '0') || '.parquet' AS path
  FROM who
), records AS (
  SELECT *, 'start' AS kind FROM what
  UNION ALL BY NAME
  SELECT * REPLACE (ms + CAST(lasted AS BIGINT) AS ms), 'end' AS kind FROM what
)
SELECT ${COLUMNS.map(({ name, type }) => `CAST(${MADE[name] ?? 'NULL'} AS ${type}) AS "${name}"`).join(',\n  ')}
FROM records
`
