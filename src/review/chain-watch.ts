/** Follows all chains again and again, apart from requests: a page shows the newest verdict and when it was reached. */
import { toKerbsideError } from '../core/errors.ts'
import type { Verdict } from './pages/health.ts'
import type { Questions } from './query/questions.ts'

export type ChainState = {
  readonly verdict: Verdict | undefined
  /** Why there is no newer one. */
  readonly problem?: string
  /** Bytes of those that are followed now; absent when nothing is. */
  readonly progress?: { readonly done: number; readonly total: number }
}

export type ChainWatch = {
  /** The newest verdict. Begins a newer one when it is due, and waits for it as long as a reader would. */
  newest(): Promise<ChainState>
}

/** A verdict older than this is renewed when somebody looks. */
const FRESH_MS = 10_000
/** Checking may take this share of the time at most, however long the logs are. */
const BUSY_SHARE = 1 / 10
/** How long a reader waits for a verdict: for the first one, and for a newer one than there is. */
const PATIENCE_MS = { first: 1500, newer: 300 }

/** @param clock milliseconds since the epoch */
export function chainWatch({ chains }: Pick<Questions, 'chains'>, clock: () => number): ChainWatch {
  let verdict: Verdict | undefined
  let problem: string | undefined
  let progress: ChainState['progress']
  let checking: Promise<void> | undefined
  let dueAt = 0

  async function check(): Promise<void> {
    const begun = clock()
    try {
      const onProgress = (done: number, total: number) => {
        progress = { done, total }
      }
      const answer = await chains({ onProgress }, { of: 'all' })
      verdict = { answer, checkedAt: clock() }
      problem = undefined
    } catch (thrown) {
      problem = toKerbsideError(thrown).message
    }
    dueAt = clock() + Math.max(FRESH_MS, (clock() - begun) / BUSY_SHARE)
    checking = undefined
    progress = undefined
  }

  return {
    async newest() {
      if (clock() >= dueAt && checking === undefined) {
        progress = { done: 0, total: 0 }
        checking = check()
      }
      const patienceMs = verdict === undefined ? PATIENCE_MS.first : PATIENCE_MS.newer
      await Promise.race([checking, new Promise((resolve) => setTimeout(resolve, patienceMs).unref())])
      return {
        verdict,
        ...(problem === undefined ? {} : { problem }),
        ...(progress === undefined ? {} : { progress }),
      }
    },
  }
}
