/** Follows all chains again and again, apart from requests: a page shows the newest verdict and when it was reached. */
import { toKerbsideError } from '../core/errors.ts'
import type { ChainReport } from '../io/audit/chain.ts'
import { followChain } from '../io/audit/chain.ts'
import { bySidecar } from '../io/audit/copies.ts'
import { readAuditDirectory } from '../io/audit/directory.ts'

export type Chains = {
  readonly reports: readonly ChainReport[]
  /** When this verdict was reached, milliseconds since the epoch. */
  readonly checkedAt: number
  /** Why there is no newer one. */
  readonly problem?: string
}

export type ChainWatch = {
  /** The newest verdict. Nothing while the first one takes longer than a reader would wait. */
  newest(): Promise<Chains | undefined>
}

/** A verdict older than this is renewed when somebody looks. */
const FRESH_MS = 10_000
/** Checking may take this share of the time at most, however long the logs are. */
const BUSY_SHARE = 1 / 10
/** How long a reader waits for a verdict: for the first one, and for a newer one than there is. */
const PATIENCE_MS = { first: 1500, newer: 300 }

export function chainWatch(directory: string, clock: () => number): ChainWatch {
  let chains: Chains | undefined
  let checking: Promise<void> | undefined
  let dueAt = 0

  async function check(): Promise<void> {
    const begun = clock()
    try {
      const reports: ChainReport[] = []
      for (const copies of bySidecar(await readAuditDirectory(directory))) reports.push(await followChain(copies))
      chains = { reports, checkedAt: clock() }
    } catch (thrown) {
      const { message } = toKerbsideError(thrown)
      chains = { reports: chains?.reports ?? [], checkedAt: chains?.checkedAt ?? clock(), problem: message }
    }
    dueAt = clock() + Math.max(FRESH_MS, (clock() - begun) / BUSY_SHARE)
    checking = undefined
  }

  return {
    async newest() {
      if (clock() >= dueAt) checking ??= check()
      const patienceMs = chains === undefined ? PATIENCE_MS.first : PATIENCE_MS.newer
      await Promise.race([checking, new Promise((resolve) => setTimeout(resolve, patienceMs).unref())])
      return chains
    },
  }
}
