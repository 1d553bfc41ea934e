/** When to act on a Kerberos ticket, and what state that leaves us in. Time and chance come in as numbers, so nothing here waits. */
import { backOffMs } from '../back-off.ts'
import type { ErrorCode } from '../errors.ts'

/** Milliseconds since the epoch. */
export type Ticket = { readonly issuedAt: number; readonly expiresAt: number }

/** Tries that have failed since the last one that did not. `refusals`: how many of them showed the KDC a key that it refused. */
export type Failures = {
  readonly count: number
  readonly refusals: number
  readonly code: ErrorCode
  readonly lastAt: number
}

/** All that is known of a ticket that is kept. */
export type Keeping = { readonly ticket?: Ticket; readonly failures?: Failures }

/** `stale`: still valid, but the last try to refresh it failed. */
export type CredentialState = 'pending' | 'ready' | 'stale' | 'expired'

export type RefreshStep = { readonly do: 'wait'; readonly ms: number } | { readonly do: 'authenticate' }

/** Share of its life after which a ticket is refreshed: half, and up to a tenth earlier or later, so that pods do not ask together. */
const REFRESH_SHARE = 0.5
const REFRESH_SPREAD = 0.1

const RETRY = { firstMs: 2000, longestMs: 120_000 }
/** Active Directory locks an account after a few wrong keys; so a refused key is shown this often, and then rarely. */
const REFUSALS_BEFORE_PAUSE = 3
const PAUSE_AFTER_REFUSALS_MS = 15 * 60_000

/** What to do now. `jitter` is in [0, 1), drawn once for each ticket and each failure. */
export function nextStep({ ticket, failures }: Keeping, now: number, jitter: number): RefreshStep {
  if (failures !== undefined) return until(failures.lastAt + retryWaitMs(failures, jitter), now)
  if (ticket === undefined || now >= ticket.expiresAt) return { do: 'authenticate' }
  const share = REFRESH_SHARE + REFRESH_SPREAD * (2 * jitter - 1)
  return until(ticket.issuedAt + (ticket.expiresAt - ticket.issuedAt) * share, now)
}

/** How long after a failure to try again: from 1 s up to 2 min. */
export function retryWaitMs(failures: Failures, jitter: number): number {
  if (failures.refusals >= REFUSALS_BEFORE_PAUSE) return PAUSE_AFTER_REFUSALS_MS
  return backOffMs(RETRY, failures.count, jitter)
}

/** Clocks may jump back: then the wait is no longer than the whole. */
function until(at: number, now: number): RefreshStep {
  return now >= at ? { do: 'authenticate' } : { do: 'wait', ms: at - now }
}

export function stateOf({ ticket, failures }: Keeping, now: number): CredentialState {
  if (ticket === undefined) return 'pending'
  if (now >= ticket.expiresAt) return 'expired'
  return failures === undefined ? 'ready' : 'stale'
}

export function succeeded(ticket: Ticket): Keeping {
  return { ticket }
}

/** A failure never takes a ticket away: it is used to its last second. */
export function failed(keeping: Keeping, code: ErrorCode, now: number): Keeping {
  const { count = 0, refusals = 0 } = keeping.failures ?? {}
  const isRefusal = code === 'kerberos-refused'
  return { ...keeping, failures: { count: count + 1, refusals: refusals + (isRefusal ? 1 : 0), code, lastAt: now } }
}
