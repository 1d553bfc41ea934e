/** Policy over time: which bundles were in force, how two differ, what the difference would have changed, and what nobody uses. */
import type { PolicyDiff } from '../../core/policy/access/diff.ts'
import type { Example, Group, Replayed } from '../../core/policy/replay/replay.ts'
import type { Unused } from '../../core/policy/unused/unused.ts'

export type BundleInForce = {
  readonly hash: string
  /** Milliseconds since the epoch: of the first and the last record that names it. */
  readonly first: number
  readonly last: number
  /** Chains that named it, operations that it decided. */
  readonly sidecars: number
  readonly operations: number
  readonly denied: number
  /** Whether its content is known here: then it can be compared. */
  readonly isKnown: boolean
  /** Whether it is today's. */
  readonly isToday: boolean
}

/** Newest first. What is known and was never in force comes last. */
export type BundlesOverTime = { readonly bundles: readonly BundleInForce[] }

export type DiffAsked = {
  readonly before: string
  readonly after: string
}

/** In a team's scope: access of that team only, and no settings. */
export type DiffAnswer =
  | {
      readonly diff: PolicyDiff
      /**
       * The last 30 days put to `after`, by whole hours: every operation of a team that the difference could touch. Groups in a
       * team's scope are that team's. Absent while records are still counted by the names of a policy that is new here.
       */
      readonly replayed?: Effects
    }
  /** Hashes of bundles whose content is not known here. */
  | { readonly unknown: readonly string[] }

export type Effects = Pick<Replayed, 'operations'> & {
  readonly groups: readonly (Readonly<Omit<Group, 'example'>> & {
    readonly example: Pick<Example, 'sidecar' | 'sequence' | 'path'>
  })[]
}

export type UnusedAsked = {
  /** Milliseconds since the epoch. */
  readonly since: number
}

/**
 * Of today's policy; absent when none is known. In a team's scope: grants for that team alone, identities of that team.
 * `unused` is absent while records are still counted by the names of that policy.
 */
export type UnusedAnswer = { readonly bundle: string; readonly unused?: Unused } | undefined
