/**
 * How often a KDC is shown a key that it refused. Active Directory locks an account after a few wrong ones, for every pod and
 * every person that uses it, so the count outlives the process that made it.
 */

/** A keytab that was refused. Times are milliseconds since the machine started: whatever keeps this ends with the machine. */
export type Refused = {
  /** Tells keytabs apart, and opens nothing. */
  readonly fingerprint: string
  readonly count: number
  readonly lastAt: number
  /** What the KDC said, and what to do. */
  readonly message: string
  readonly hint?: string
}

const SHOWN_AT_ONCE = 3
const SHOWN_EVERY_MS = 15 * 60_000

/** How long not to show this keytab, 0 when it may be shown now. Another keytab, as after a rotation, waits for nothing. */
export function heldBackMs(refused: Refused | undefined, fingerprint: string, now: number): number {
  if (refused?.fingerprint !== fingerprint || refused.count < SHOWN_AT_ONCE) return 0
  return Math.min(Math.max(0, refused.lastAt + SHOWN_EVERY_MS - now), SHOWN_EVERY_MS)
}

/** The KDC has refused it, for the first time or once more. */
export function refusedAgain(before: Refused | undefined, next: Omit<Refused, 'count'>): Refused {
  const count = before?.fingerprint === next.fingerprint ? before.count : 0
  return { ...next, count: count + 1 }
}
