/** Looks at the memory of the proxies while they work: at rest, at most, and whether it grows with what they move. */
import { privateDirtyMiB } from './cost.ts'

const EVERY_MS = 200

export type Watched = 'kerbside' | 'httpfs' | 'knox'

export class MemoryWatch {
  readonly #pids: Readonly<Record<Watched, number>>

  constructor(pids: Readonly<Record<Watched, number>>) {
    this.#pids = pids
  }

  now(): Readonly<Record<Watched, number>> {
    const { kerbside, httpfs, knox } = this.#pids
    return { kerbside: privateDirtyMiB(kerbside), httpfs: privateDirtyMiB(httpfs), knox: privateDirtyMiB(knox) }
  }

  /** The most that each had while the work went on. */
  async most<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly most: Readonly<Record<Watched, number>> }> {
    const most = { ...this.now() }
    const timer = setInterval(() => {
      const now = this.now()
      for (const name of ['kerbside', 'httpfs', 'knox'] as const) most[name] = Math.max(most[name], now[name])
    }, EVERY_MS)
    try {
      return { value: await work(), most }
    } finally {
      clearInterval(timer)
    }
  }
}
