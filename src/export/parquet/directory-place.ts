/** A folder on a disk. A file is made beside where it goes, put on disk and renamed, so that nobody ever reads half of it. */
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KerbsideError } from '../../core/errors.ts'
import { syncDirectory } from '../../io/audit/segment.ts'
import type { Place } from './place.ts'

/** @param name of the exporter: its workshop is a hidden folder of its own, which no reader of Parquet looks into */
export function directoryPlace(directory: string, name: string): Place {
  const workshop = join(directory, `.${name}`)
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      throw new KerbsideError('export-failed', `\`${directory}\` cannot be read or written`, { cause })
    }
  }
  return {
    shown: directory,
    workshop,
    folders: () =>
      attempt(async () => {
        const entries = await readdir(directory, { withFileTypes: true }).catch(noneIfAbsent)
        return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
      }),
    files: (folder) =>
      attempt(async () => {
        const entries = await readdir(join(directory, folder), { withFileTypes: true }).catch(noneIfAbsent)
        const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
        return Promise.all(
          names.map(async (one) => ({ name: one, bytes: (await stat(join(directory, folder, one))).size })),
        )
      }),
    publish: (local, folder, file) =>
      attempt(async () => {
        await sync(local)
        const isNew = (await mkdir(join(directory, folder), { recursive: true })) !== undefined
        if (isNew) await syncDirectory(directory)
        await rename(local, join(directory, folder, file))
        await syncDirectory(join(directory, folder))
      }),
    fetch: async (folder, file) => join(directory, folder, file),
    remove: (folder, file) =>
      attempt(async () => {
        await rm(join(directory, folder, file), { force: true })
        await rmdir(join(directory, folder)).catch(() => {})
      }),
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function noneIfAbsent(failure: NodeJS.ErrnoException): [] {
  if (failure.code === 'ENOENT') return []
  throw failure
}
