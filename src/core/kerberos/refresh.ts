/** When to act on a Kerberos ticket, and what state that leaves us in. Time and chance come in as numbers, so nothing here waits. */
import { backOffMs } from '../back-off.ts'
import type { ErrorCode } from '../errors.ts'

/** Milliseconds of one clock, whichever; it is never set, so it goes on while the wall clock jumps. */
export type Ticket = { readonly issuedAt: number; readonly expiresAt: number }

/** Tries that have failed since the last one that did not. */
export type Failures = { readonly count: number; readonly code: ErrorCode; readonly lastAt: number }

/** All that is known of a ticket that is kept. */
export type Keeping = {
  readonly ticket?: Ticket
  readonly failures?: Failures
  /** When the secret store was last found to hold the keytab that the ticket came from. */
  readonly lookedAt?: number
  /** There is a reason not to wait for half of its life. */
  readonly isDistrusted?: boolean
}

/** `stale`: still valid, but the last try to refresh it, or to look at its keytab, failed. */
export const CREDENTIAL_STATES = ['pending', 'ready', 'stale', 'expired'] as const
export type CredentialState = (typeof CREDENTIAL_STATES)[number]

/** `look`: ask the secret store whether it has another keytab by now, and authenticate only if it has. */
export type RefreshStep = { readonly do: 'wait'; readonly ms: number } | { readonly do: 'authenticate' | 'look' }

export type Pace = {
  /** In [0, 1), drawn once for each ticket. */
  readonly jitter: number
  /** How often to look at the secret store. */
  readonly lookMs: number
}

/** Share of its life after which a ticket is refreshed: half, and up to a tenth earlier or later, so that pods do not ask together. */
const REFRESH_SHARE = 0.5
const REFRESH_SPREAD = 0.1
const LOOK_SPREAD = 0.2

const RETRY = { firstMs: 2000, longestMs: 120_000 }

/** What to do now. */
export function nextStep(keeping: Keeping, now: number, { jitter, lookMs }: Pace): RefreshStep {
  const { ticket, failures, lookedAt, isDistrusted } = keeping
  const retryAt = failures === undefined ? now : failures.lastAt + retryWaitMs(failures, jitter)
  if (now < retryAt) return { do: 'wait', ms: retryAt - now }
  if (ticket === undefined || isDistrusted === true) return { do: 'authenticate' }
  const refreshAt =
    ticket.issuedAt + (ticket.expiresAt - ticket.issuedAt) * spread(REFRESH_SHARE, REFRESH_SPREAD, jitter)
  if (now >= refreshAt) return { do: 'authenticate' }
  const lookAt = failures === undefined ? (lookedAt ?? ticket.issuedAt) + lookMs * spread(1, LOOK_SPREAD, jitter) : now
  return now >= lookAt ? { do: 'look' } : { do: 'wait', ms: Math.min(refreshAt, lookAt) - now }
}

const spread = (middle: number, by: number, jitter: number) => middle + by * (2 * jitter - 1)

/** How long after a failure to try again: from 1 s up to 2 min. */
export function retryWaitMs({ count }: Failures, jitter: number): number {
  return backOffMs(RETRY, count, jitter)
}

export function stateOf({ ticket, failures }: Keeping, now: number): CredentialState {
  if (ticket === undefined) return 'pending'
  if (now >= ticket.expiresAt) return 'expired'
  return failures === undefined ? 'ready' : 'stale'
}

export function succeeded(ticket: Ticket): Keeping {
  return { ticket }
}

/** The keytab in the store is still the one that the ticket came from. */
export function unchanged({ ticket }: Keeping, now: number): Keeping {
  return { ...(ticket === undefined ? {} : { ticket }), lookedAt: now }
}

/** A failure never takes a ticket away: it is used to its last second. */
export function failed(keeping: Keeping, code: ErrorCode, now: number): Keeping {
  return { ...keeping, failures: { count: (keeping.failures?.count ?? 0) + 1, code, lastAt: now } }
}
