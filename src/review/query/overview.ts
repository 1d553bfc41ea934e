/** What a reviewer looks at first on a Monday. */

import type { LogHealth } from './health.ts'
import type { Place } from './item.ts'

export type OverviewAsked = {
  /** So far back from now, milliseconds: a day, a week, 30 days. */
  readonly lastMs: number
}

export type Overview = {
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly until: number
  readonly totals: Totals
  /** Of the same time before. */
  readonly before: Totals
  /** Without holes, oldest first; each holds `bucketMs` from `at` on. The last is not over. */
  readonly bucketMs: number
  readonly buckets: readonly Bucket[]
  /** A team with a dataset for the first time ever, newest first. */
  readonly firstSeen: readonly FirstSeen[]
  /** Most frequent first. */
  readonly denials: readonly DeniedGroup[]
  /** Those whose newest word is not a good one, newest first. */
  readonly credentials: readonly CredentialTrouble[]
  readonly log: LogHealth
}

export type Totals = {
  readonly allowed: number
  readonly denied: number
  /** Allowed, and would be denied if all that is in shadow were enforced. */
  readonly shadowDenied: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly identities: number
  readonly datasets: number
}

export type Bucket = { readonly at: number; readonly allowed: number; readonly denied: number }

export type FirstSeen = {
  readonly team: string
  readonly dataset: string
  readonly at: number
  /** Of its first operation. */
  readonly place: Place
  readonly effect: 'allow' | 'deny'
  /** Operations since, within the period. */
  readonly operations: number
}

export type DeniedGroup = {
  readonly reason: string
  readonly team: string
  readonly identity: string
  /** Empty for paths in none. */
  readonly dataset: string
  readonly operation: string
  readonly count: number
  readonly last: number
  /** Of the last one: the denial's page says which line to change. */
  readonly place: Place
}

export type CredentialTrouble = {
  readonly team: string
  readonly identity: string
  readonly namespace: string
  readonly pod: string
  /** `expired`, `stale`, `refused`. */
  readonly state: string
  readonly detail: string
  readonly place: Place
}
