/** The database of the store: opened so that no statement can read or write outside its own folders, and asked with parameters. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { DuckDBInstance, listValue } from '@duckdb/node-api'
import { KerbsideError } from '../../../core/errors.ts'
import { STORE_VERSION, TABLES } from './tables.ts'

/** Texts of strangers get into a statement as one of these, and in no other way. */
export type Parameter = string | number | readonly string[]
export type Parameters = { readonly [name: string]: Parameter }
/** Numbers are numbers where the statement makes them DOUBLE. */
export type Row = { readonly [column: string]: unknown }

export type Asking = {
  /** Files of Parquet with records in them, as this transaction sees them; newest first. */
  readonly segments: readonly Segment[]
  /** Whoever writes the statement says what its columns are. */
  ask<Columns extends object = Row>(sql: string, parameters?: Parameters): Promise<readonly Columns[]>
  readonly connection: DuckDBConnection
}

export type Segment = {
  readonly file: string
  readonly records: number
  readonly firstAt: number
  readonly lastAt: number
}

export type Database = {
  readonly cache: string
  /** All that is asked within sees the same records. */
  reading<T>(work: (asking: Asking) => Promise<T>): Promise<T>
  /** One at a time; whatever throws leaves nothing behind. */
  writing<T>(work: (asking: Asking) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A reader does not wait longer. */
const PATIENCE_MS = 30_000
const MOST_MEMORY = '1GB'

/**
 * @param audit the folder of the logs: with the cache, all that statements may read
 * @throws KerbsideError `io-failed` when the folder cannot be written, or another program has it open
 */
export async function openDatabase(cache: string, audit: string): Promise<Database> {
  const instance = await openInstance(cache, audit)
  let last: Promise<unknown> = Promise.resolve()

  async function within<T>(begin: string, work: (asking: Asking) => Promise<T>): Promise<T> {
    const connection = await instance.connect()
    try {
      await connection.run(begin)
      const asking = await askingOf(connection)
      const result = await work(asking)
      await connection.run('COMMIT')
      return result
    } catch (thrown) {
      await connection.run('ROLLBACK').catch(() => {})
      throw thrown
    } finally {
      connection.closeSync()
    }
  }

  return {
    cache,
    reading: (work) => within('BEGIN TRANSACTION READ ONLY', (asking) => impatient(asking, work)),
    writing(work) {
      const next = last.then(() => within('BEGIN TRANSACTION', work))
      last = next.catch(() => {})
      return next
    },
    async close() {
      await last
      instance.closeSync()
    },
  }
}

async function openInstance(cache: string, audit: string): Promise<DuckDBInstance> {
  await mkdir(cache, { recursive: true, mode: 0o700 }).catch(failed(cache))
  const instance = await openFile(cache, audit)
  if ((await versionOf(instance)) === STORE_VERSION) return instance
  instance.closeSync()
  // What is in it, and not the folder: that may be a volume, which nobody can remove.
  for (const name of await readdir(cache)) await rm(join(cache, name), { recursive: true })
  const empty = await openFile(cache, audit)
  const connection = await empty.connect()
  await connection.run('BEGIN TRANSACTION')
  for (const table of TABLES) await connection.run(table)
  await connection.run('COMMIT')
  connection.closeSync()
  return empty
}

async function openFile(cache: string, audit: string): Promise<DuckDBInstance> {
  try {
    const instance = await DuckDBInstance.create(join(cache, FILE), {
      threads: String(Math.min(4, availableParallelism())),
      memory_limit: MOST_MEMORY,
      temp_directory: join(cache, 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'false',
    })
    const connection = await instance.connect()
    // A question asks several times, and each would read the end of every file again.
    await connection.run('SET GLOBAL parquet_metadata_cache = true')
    await connection.run('SET allowed_directories = $1', [listValue([cache, audit])])
    await connection.run('SET enable_external_access = false')
    await connection.run('SET lock_configuration = true')
    connection.closeSync()
    return instance
  } catch (cause) {
    return failed(cache)(cause)
  }
}
const FILE = 'review.duckdb'

const failed =
  (cache: string) =>
  (cause: unknown): never => {
    throw new KerbsideError('io-failed', `the store of the audit page in \`${cache}\` cannot be opened`, {
      cause,
      hint: 'a store is for one `kerbside review` at a time; it can be taken away, and is made anew from the logs',
    })
  }

async function versionOf(instance: DuckDBInstance): Promise<unknown> {
  const connection = await instance.connect()
  try {
    const read = await connection.runAndReadAll('SELECT version FROM about')
    return read.getRowsJson()[0]?.[0]
  } catch {
    return undefined
  } finally {
    connection.closeSync()
  }
}

async function askingOf(connection: DuckDBConnection): Promise<Asking> {
  const ask = async <Columns extends object = Row>(sql: string, parameters: Parameters = {}) => {
    const values = Object.entries(parameters).map(([name, value]): [string, DuckDBValue] => [
      name,
      typeof value === 'object' ? listValue(value) : typeof value === 'string' ? whole(value) : value,
    ])
    const read = await connection.runAndReadAll(sql, Object.fromEntries(values))
    return read.getRowObjectsJson() as readonly object[] as readonly Columns[]
  }
  const segments = await ask<Segment>(
    'SELECT file, records::DOUBLE AS records, first_at::DOUBLE AS "firstAt", last_at::DOUBLE AS "lastAt" FROM segments ORDER BY last_at DESC',
  )
  return { connection, ask, segments }
}

/** Half of a surrogate pair has no UTF-8: it became U+FFFD when it was taken in, and is looked for as that. */
const whole = (text: string): string => text.toWellFormed()

async function impatient<T>(asking: Asking, work: (asking: Asking) => Promise<T>): Promise<T> {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    asking.connection.interrupt()
  }, PATIENCE_MS)
  try {
    return await work(asking)
  } catch (thrown) {
    if (!isLate) throw thrown
    const hint = 'ask for a shorter time, or for fewer teams'
    throw new KerbsideError('not-ready', `no answer within ${PATIENCE_MS / 1000} s`, { hint, cause: thrown })
  } finally {
    clearTimeout(timer)
  }
}
