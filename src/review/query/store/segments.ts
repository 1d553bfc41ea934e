/** Parquet of the store: the tail, when it is long enough; and files that somebody else wrote, where they are. */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Asking, Database } from './database.ts'
import { COUNTED, condense, rollUp } from './roll-up.ts'
import { columnNames } from './tables.ts'
import { IS_TAKEN, noteTaken } from './taken.ts'

/** A file of this many records is 10 to 20 MB, and read faster than many small ones. */
export const SEGMENT_RECORDS = 1_000_000
/** Who follows what comes in asks for the last few. */
const KEPT_BATCHES = 16

const GROUP_RECORDS = 122_880
export const SEGMENT_FORMAT = `(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_RECORDS})`

/**
 * Records in the order of a segment: each group of rows is a piece of time, so that whoever asks for an hour reads little else,
 * and in it records are chain by chain, which makes them small.
 */
export const inBands = (from: string): string => `WITH every AS (SELECT * FROM ${from}), span AS (
    SELECT min(epoch_ms(time)) AS first, greatest(1, (max(epoch_ms(time)) - min(epoch_ms(time))) * ${GROUP_RECORDS} // count(*)) AS width
    FROM every
  )
  SELECT ${columnNames} FROM every, span ORDER BY (epoch_ms(time) - span.first) // span.width, sidecar, sequence`

/** Writes the tail to a file of Parquet if it holds at least `records`. */
export async function settle(database: Database, records: number = SEGMENT_RECORDS): Promise<boolean> {
  const last = await database.reading(async ({ ask }) => {
    const [row] = await ask(
      'SELECT count(*)::DOUBLE AS records, (SELECT max(batch)::DOUBLE FROM arrivals) AS newest FROM tail',
    )
    return Number(row?.['records']) < records ? undefined : Number(row?.['newest']) - KEPT_BATCHES
  })
  if (last === undefined) return false
  const file = join(database.cache, `${Date.now()}-${last}.parquet`)
  await database.writing(async (asking) => {
    const { ask } = asking
    const [found] = await ask('SELECT count(*)::DOUBLE AS records FROM tail WHERE batch <= $last::BIGINT', { last })
    if (Number(found?.['records']) === 0) return
    try {
      await ask(`COPY (${inBands('tail WHERE batch <= $last::BIGINT')}) TO $file ${SEGMENT_FORMAT}`, { last, file })
      await noteSegment(asking, file)
      await ask('DELETE FROM tail WHERE batch <= $last::BIGINT', { last })
      await condense(asking)
    } catch (thrown) {
      await rm(file, { force: true })
      throw thrown
    }
  })
  return true
}

/**
 * Takes over a file of Parquet with the columns of records, and leaves it where it is. Where it holds records that are in
 * already, as those of a log that was read, the others are copied and it is not needed any more.
 */
export async function adopt(database: Database, file: string): Promise<void> {
  const { size } = await stat(file)
  await adoptWhole(database, file, size).catch((thrown: unknown) => noteDamage(database, { file, size, thrown }))
}

async function adoptWhole(database: Database, file: string, size: number): Promise<void> {
  await database.writing(async (asking) => {
    const { ask } = asking
    const known = await ask('SELECT 1 FROM sources WHERE path = $file AND bytes = $size::BIGINT', { file, size })
    if (known.length > 0) return
    await ask(
      `CREATE OR REPLACE TEMP TABLE batch AS SELECT ${COUNTED} FROM read_parquet($file) r WHERE NOT ${IS_TAKEN}`,
      {
        file,
      },
    )
    const [row] = await ask(
      `SELECT (SELECT count(*) FROM read_parquet($file))::DOUBLE AS every, (SELECT count(*) FROM batch)::DOUBLE AS fresh`,
      { file },
    )
    if (row?.['every'] === row?.['fresh']) await noteSegment(asking, file)
    else {
      await ask('INSERT INTO arrivals SELECT coalesce(max(batch), 0) + 1 FROM arrivals')
      await ask(
        `INSERT INTO tail SELECT ${columnNames}, (SELECT max(batch) FROM arrivals) FROM read_parquet($file) r WHERE NOT ${IS_TAKEN}`,
        { file },
      )
    }
    await rollUp(asking)
    await noteTaken(asking)
    await ask('DROP TABLE batch')
    await ask('DELETE FROM damages WHERE file = $file', { file })
    await noteSource(asking, file, size)
  })
}

async function noteSource({ ask }: Asking, file: string, size: number): Promise<void> {
  await ask('DELETE FROM sources WHERE path = $file', { file })
  await ask('INSERT INTO sources VALUES ($file, $size, 0)', { file, size })
}

/** One that cannot be read is left out and told, and looked at again when it is another. */
async function noteDamage(
  database: Database,
  { file, size, thrown }: { readonly file: string; readonly size: number; readonly thrown: unknown },
): Promise<void> {
  const problem = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''
  await database.writing(async (asking) => {
    await asking.ask('DELETE FROM damages WHERE file = $file', { file })
    await asking.ask('INSERT INTO damages VALUES ($file, 0, $problem)', { file, problem })
    await noteSource(asking, file, size)
  })
}

async function noteSegment({ ask }: Asking, file: string): Promise<void> {
  const { size } = await stat(file)
  await ask(
    `INSERT INTO segments SELECT $file, count(*), $bytes, min(epoch_ms(time)), max(epoch_ms(time)), true FROM read_parquet($file)`,
    { file, bytes: size },
  )
}
