/** Makes a thing in the cache once: under a scratch name first, so that what has its name is whole. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Calls `make` with a path beside `path` unless `path` exists, and renames what it made. Resolves with `path`. */
export async function cached(path: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path
  mkdirSync(dirname(path), { recursive: true })
  const scratch = mkdtempSync(join(dirname(path), '.unfinished-'))
  try {
    const unfinished = join(scratch, basename(path))
    await make(unfinished)
    // Another process may have been as far at the same moment: either is as good.
    if (!existsSync(path)) renameSync(unfinished, path)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return path
}
