/**
 * A folder and all folders in it, watched for changes of what they hold. Each has a watch of its own: the recursive watch of
 * Node follows files on Linux, and after one of them was replaced, as editors and Git do it, hears nothing of its successor.
 */
import { type FSWatcher, watch } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export type FoldersWatch = {
  /** Follows what was made and removed since. Never throws. */
  refresh(): Promise<void>
  close(): void
}

/**
 * Whoever asks polls as well: where the system gives no watch, or there is no such folder yet, nothing is heard.
 * @param onChange called for each change, several times for one save
 */
export function watchFolders(root: string, onChange: () => void): FoldersWatch {
  const watchers = new Map<string, FSWatcher>()
  let isClosed = false

  function follow(key: string, folder: string, onEvent: (event: string, name: string | null) => void): void {
    if (isClosed || watchers.has(key)) return
    try {
      const watcher = watch(folder, onEvent)
      const forget = () => {
        watcher.close()
        watchers.delete(key)
      }
      watcher.on('error', forget)
      watchers.set(key, watcher)
    } catch {
      return
    }
  }

  // A root that is a link is swapped in the folder around it.
  follow('around', dirname(root), (_event, name) => {
    if (name === basename(root)) onChange()
  })
  return {
    async refresh() {
      const wanted = new Map<string, string>()
      await collect(root, wanted)
      for (const [key, watcher] of watchers) {
        if (wanted.has(key) || key === 'around') continue
        watcher.close()
        watchers.delete(key)
      }
      for (const [key, folder] of wanted) follow(key, folder, onChange)
    },
    close() {
      isClosed = true
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

/** By path and inode: a watch is on an inode, and a folder may be replaced by another one of its name. */
async function collect(folder: string, found: Map<string, string>): Promise<void> {
  try {
    const real = await realpath(folder)
    const { dev, ino } = await stat(real)
    const key = `${dev}:${ino}:${real}`
    // Links may lead back to a folder around them.
    if (found.has(key)) return
    const entries = await readdir(real, { withFileTypes: true })
    found.set(key, real)
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    for (const { name } of folders) await collect(join(real, name), found)
  } catch {
    return // a link to a file, or a folder that has just gone
  }
}
