/** Files of Parquet that were read once and cannot be read any more: they are left out and told, and the others are served. */
import { basename } from 'node:path'
import { KerbsideError } from '../../../core/errors.ts'
import type { Database } from './database.ts'

/**
 * The database, whose questions survive a file that was damaged or taken away. What was counted of it stays counted; its rows are
 * back when the cache is made anew.
 */
export function surviving(database: Database): Database {
  let looking: Promise<boolean> | undefined
  return {
    ...database,
    async reading(work) {
      try {
        return await database.reading(work)
      } catch (thrown) {
        if (thrown instanceof KerbsideError) throw thrown
        looking ??= leaveOutAny(database).finally(() => {
          looking = undefined
        })
        if (!(await looking)) throw thrown
        return database.reading(work)
      }
    },
  }
}

/** @returns whether there was any */
async function leaveOutAny(database: Database): Promise<boolean> {
  const segments = await database.reading(async ({ segments }) => segments)
  let hasAny = false
  for (const { file } of segments) {
    const problem = await problemOf(database, file)
    if (problem === undefined) continue
    hasAny = true
    await leaveOut(database, file, problem)
  }
  return hasAny
}

export function leaveOut(database: Database, file: string, problem: string): Promise<void> {
  return database.writing(async ({ ask }) => {
    await ask('DELETE FROM segments WHERE file = $file', { file })
    await ask('INSERT INTO damages VALUES ($name, 0, $problem)', { name: basename(file), problem })
  })
}

/** Every value is looked at: most of a file can be whole, and a page in its middle not. */
export async function problemOf(database: Database, file: string): Promise<string | undefined> {
  try {
    await database.reading(({ ask }) => ask('SELECT bit_xor(hash(r))::VARCHAR FROM read_parquet($file) r', { file }))
    return undefined
  } catch (thrown) {
    if (thrown instanceof KerbsideError) return undefined
    return (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''
  }
}
