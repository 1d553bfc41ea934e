/** How an action stands at a dataset prefix: which grants deny or allow it there, and until when. */
import { ACTIONS } from './action.ts'
import type { GrantRef } from './decision.ts'
import type { SliceGrant, SlicePrefix } from './slice.ts'

/** A grant and the moment it stops applying, in milliseconds since the epoch; `Infinity` when it never does. */
export type TimedGrant = { readonly ref: GrantRef; readonly until: number }

/** Grants of one effect. Most decisions need only the two moments, and then the references as they lie there. */
export type GrantSet = {
  readonly grants: readonly TimedGrant[]
  readonly refs: readonly GrantRef[]
  /** Until then all of them apply. */
  readonly firstEnd: number
  /** From then on none of them applies; `-Infinity` when there is none. */
  readonly lastEnd: number
}

/** One action at a prefix, and everywhere below it that no other prefix takes over. */
export type Standing = {
  /** On the dataset, or on a dataset around it. */
  readonly denies: GrantSet
  /** On the dataset itself. */
  readonly allows: GrantSet
}

/** One for each action, in the order of {@link ACTIONS}. */
export type Standings = readonly Standing[]

export const NEVER = Number.NEGATIVE_INFINITY
export const FOREVER = Number.POSITIVE_INFINITY
const NONE: GrantSet = { grants: [], refs: [], firstEnd: FOREVER, lastEnd: NEVER }
export const BARE: Standing = { denies: NONE, allows: NONE }
export const ALL_BARE: Standings = ACTIONS.map(() => BARE)

/** The grants of a set that apply at a moment. */
export function applying({ grants, refs, firstEnd }: GrantSet, now: number): readonly GrantRef[] {
  return now < firstEnd ? refs : grants.filter(({ until }) => now < until).map(({ ref }) => ref)
}

/** Standings of a prefix by its own grants alone. What is the same is one object, so memory grows with kinds of prefix. */
export function standingsOf(grants: readonly SliceGrant[]): (prefix: SlicePrefix) => Standings {
  const timed = grants.map(({ name, at, expiresAt }) => ({ ref: { name, at }, until: expiresAt ?? FOREVER }))
  const known = new Map<string, Standings>()
  return ({ grants: indexes }) => {
    const key = indexes.join()
    const standings = known.get(key) ?? standingsBy(indexes)
    known.set(key, standings)
    return standings
  }

  function standingsBy(indexes: readonly number[]): Standings {
    const shared = new Map<string, Standing>()
    return ACTIONS.map((action) => {
      const reaching = indexes.filter((index) => grants[index]?.actions.includes(action))
      const of = (effect: SliceGrant['effect']) =>
        setOf(reaching.flatMap((index) => (grants[index]?.effect === effect ? (timed[index] ?? []) : [])))
      const key = reaching.join()
      const standing = shared.get(key) ?? (reaching.length === 0 ? BARE : { denies: of('deny'), allows: of('allow') })
      shared.set(key, standing)
      return standing
    })
  }
}

/** A dataset's own standings, with the denies of the datasets around it. */
export function within(own: Standings, around: Standings): Standings {
  if (around.every(({ denies }) => denies === NONE)) return own
  return own.map(({ denies, allows }, action) => {
    const outer = around[action]?.denies ?? NONE
    return { denies: setOf([...new Set([...outer.grants, ...denies.grants])]), allows }
  })
}

function setOf(grants: readonly TimedGrant[]): GrantSet {
  if (grants.length === 0) return NONE
  const ends = grants.map(({ until }) => until)
  return { grants, refs: grants.map(({ ref }) => ref), firstEnd: Math.min(...ends), lastEnd: Math.max(...ends) }
}
