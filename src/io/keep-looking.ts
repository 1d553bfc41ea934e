/** Looks at files again and again: when the system says that something changed, and every two seconds besides. */
import { type FSWatcher, watch } from 'node:fs'

/** Events of one save come together. */
const SETTLE_MS = 100
/** Network file systems and swapped links send no events. */
const POLL_MS = 2000

/**
 * Looks now and from then on, never twice at once.
 * @param folders where events are waited for
 * @param look must not throw
 * @returns what ends it
 */
export function keepLooking(folders: readonly string[], look: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined
  let isLooking = false
  let isChanged = false
  let isEnded = false

  async function lookOnce(): Promise<void> {
    if (isLooking) {
      isChanged = true
      return
    }
    isLooking = true
    await look()
    isLooking = false
    lookIn(isChanged ? SETTLE_MS : POLL_MS)
    isChanged = false
  }

  function lookIn(waitMs: number): void {
    clearTimeout(timer)
    if (!isEnded) timer = setTimeout(lookOnce, waitMs)
  }

  const watchers = [...new Set(folders)].map((folder) => startWatcher(folder, () => lookIn(SETTLE_MS)))
  void lookOnce()
  return () => {
    isEnded = true
    clearTimeout(timer)
    for (const watcher of watchers) watcher?.close()
  }
}

/** Nothing when the system gives no watch, or the folder is not there yet: polling goes on. */
function startWatcher(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, onChange)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
