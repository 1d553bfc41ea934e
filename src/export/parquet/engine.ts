/** DuckDB, as little of it as is needed: lines of records to a Parquet file, and several such files to one. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { columnExpressions, forDuckDb, lineColumns } from '../../core/audit/columns-sql.ts'
import { KerbsideError } from '../../core/errors.ts'

export type Engine = {
  /** In the order of time, so that whoever asks for some hours reads little else. @throws KerbsideError `export-failed` */
  write(lines: readonly string[], file: string): Promise<void>
  /** @throws KerbsideError `export-failed` */
  merge(files: readonly string[], file: string): Promise<void>
  close(): void
}

/**
 * A record is then some 20 bytes: texts of few values stand once in a file, and what changes little from one to the next is packed.
 * The order of records of one chain is kept within a moment.
 */
const ORDER = 'ORDER BY time, sidecar, sequence'
const FORMAT = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880'

/** @param workshop folder for what is in between, which must be there */
export async function openEngine(workshop: string): Promise<Engine> {
  const settings = { threads: '1', memory_limit: '256MB', temp_directory: join(workshop, 'spill') }
  const instance = await DuckDBInstance.create(':memory:', settings)
  const connection = await instance.connect()
  // Nothing from outside is ever loaded or asked for.
  await connection.run(
    "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'",
  )
  const copy = (from: string, file: string) => run(connection, `COPY (${from} ${ORDER}) TO ${quoted(file)} (${FORMAT})`)
  return {
    async write(lines, file) {
      const between = join(workshop, 'lines.ndjson')
      await writeFile(between, lines.map((line) => `${forDuckDb(line)}\n`).join(''), { mode: 0o640 })
      const read = `read_json(${quoted(between)}, format = 'newline_delimited', columns = ${lineColumns()})`
      await copy(`SELECT ${columnExpressions()} FROM ${read}`, file)
      await rm(between)
    },
    async merge(files, file) {
      const read = `read_parquet([${files.map(quoted).join(', ')}], union_by_name = true, hive_partitioning = false)`
      await copy(`SELECT * FROM ${read}`, file)
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** What DuckDB says may hold a piece of a record: it goes no further than the cause. */
async function run(connection: DuckDBConnection, sql: string): Promise<void> {
  try {
    await connection.run(sql)
  } catch (cause) {
    throw new KerbsideError('export-failed', 'records cannot be written as Parquet', { cause })
  }
}

const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`
