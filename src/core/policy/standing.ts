/** How an action stands at a dataset prefix: which grants deny or allow it there, and until when. */
import { ACTIONS, type Action } from './action.ts'
import type { GrantRef } from './decision.ts'
import type { SliceGrant, SlicePrefix } from './slice.ts'

/** A grant and the moment it stops applying, in milliseconds since the epoch; `Infinity` when it never does. */
export type TimedGrant = { readonly ref: GrantRef; readonly until: number }

/** One action at a prefix, and everywhere below it that no other prefix takes over. */
export type Standing = {
  /** Denies on the dataset, or on a dataset around it. */
  readonly denies: readonly TimedGrant[]
  /** Allows on the dataset itself. */
  readonly allows: readonly TimedGrant[]
  /** When the last deny ends; `-Infinity` when there is none. */
  readonly deniedUntil: number
  /** When the last allow ends; `-Infinity` when there is none. */
  readonly allowedUntil: number
}

export type Standings = ReadonlyMap<Action, Standing>

export const NEVER = Number.NEGATIVE_INFINITY
export const FOREVER = Number.POSITIVE_INFINITY
export const BARE: Standing = { denies: [], allows: [], deniedUntil: NEVER, allowedUntil: NEVER }
export const ALL_BARE: Standings = new Map(ACTIONS.map((action) => [action, BARE]))

/** Standings of a prefix by its own grants alone. Prefixes with the same grants share one, so memory grows with kinds of prefix. */
export function standingsOf(grants: readonly SliceGrant[]): (prefix: SlicePrefix) => Standings {
  const timed = grants.map((grant) => ({
    grant,
    when: { ref: { name: grant.name, at: grant.at }, until: grant.expiresAt ?? FOREVER },
  }))
  const known = new Map<string, Standings>()
  return ({ grants: indexes }) => {
    const key = indexes.join()
    const before = known.get(key)
    if (before !== undefined) return before
    const own = indexes.flatMap((index) => timed[index] ?? [])
    const pick = (effect: SliceGrant['effect'], action: Action) =>
      own.flatMap(({ grant, when }) => (grant.effect === effect && grant.actions.includes(action) ? [when] : []))
    const standings = new Map(
      ACTIONS.map((action) => [action, standing(pick('deny', action), pick('allow', action))] as const),
    )
    known.set(key, standings)
    return standings
  }
}

/** A dataset's own standings, with the denies of the datasets around it. */
export function within(own: Standings, around: Standings): Standings {
  if ([...around.values()].every(({ denies }) => denies.length === 0)) return own
  const both = new Map<Action, Standing>()
  for (const [action, { denies, allows }] of own) {
    both.set(action, standing([...new Set([...(around.get(action)?.denies ?? []), ...denies])], allows))
  }
  return both
}

const standing = (denies: readonly TimedGrant[], allows: readonly TimedGrant[]): Standing =>
  denies.length + allows.length === 0
    ? BARE
    : { denies, allows, deniedUntil: lastOf(denies), allowedUntil: lastOf(allows) }

const lastOf = (grants: readonly TimedGrant[]): number =>
  grants.reduce((last, { until }) => Math.max(last, until), NEVER)
