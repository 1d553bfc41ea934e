/** Makes a thing in the cache once: under a scratch name first, so that what has its name is whole. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { alone } from '../alone.ts'

/**
 * Calls `make` with a path beside `path` unless `path` exists, and renames what it made. Resolves with `path`. Another
 * process that wants it meanwhile waits for it: a build that is done twice at once takes each twice as long.
 */
export async function cached(path: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path
  mkdirSync(dirname(path), { recursive: true })
  await alone(join(dirname(path), `.lock-${basename(path)}`), async () => {
    if (existsSync(path)) return
    const scratch = mkdtempSync(join(dirname(path), '.unfinished-'))
    try {
      const unfinished = join(scratch, basename(path))
      await make(unfinished)
      renameSync(unfinished, path)
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  })
  return path
}
