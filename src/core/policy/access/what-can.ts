/** All that a team may do, place by place, with the conditions it is under: the complete answer, in no moment or pod in particular. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import { ACTIONS, type Action } from '../action.ts'
import type { Bundle, Grant } from '../bundle.ts'
import type { GrantRef } from '../decision/decision.ts'
import { isOver } from '../decision/in-force.ts'
import { ancestorsOf } from '../places.ts'
import { type Region, regionsOf } from '../regions.ts'
import { narrowing } from './grants-for.ts'
import { type Reach, setOf, UPROOTING } from './situations.ts'
import { grouped } from './together.ts'
import { conditionOf, NEVER, whenAllowed } from './words.ts'

/** Actions that are allowed, or denied, under the same conditions. */
export type Rule = {
  readonly actions: readonly Action[]
  /** `always`, or when. */
  readonly when: string
  readonly grants: readonly GrantRef[]
}

/**
 * A place and what holds at and below it, as far as no deeper one says otherwise. With no rule at all it says that what
 * lies around it ends here.
 */
export type Holding = {
  readonly path: HdfsPath
  readonly dataset: string
  readonly prefix: HdfsPath
  /** Whether the path itself may not be deleted, renamed or re-permissioned, though what is below it may. */
  readonly isProtected: boolean
  readonly allowed: readonly Rule[]
  readonly denied: readonly Rule[]
  /** The grants behind it, for whoever decides by them. */
  readonly reach: Reach
}

export type Holdings = {
  readonly cluster: string
  readonly team: string
  /** Absent when it is so for all identities of the team in the cluster. */
  readonly identity?: string
  /** Sorted by path. */
  readonly places: readonly Holding[]
}

export type WhatCanOptions = {
  /** What was before this moment, milliseconds since the epoch, is over and left out. */
  readonly from: number
  readonly withShadow?: boolean
}

/** @param identities of one team or several; those that may the same, in the same cluster, share an entry */
export function whatCan(
  bundle: Bundle,
  identities: readonly Identity[],
  { from, withShadow = false }: WhatCanOptions,
): readonly Holdings[] {
  const narrow = narrowing(bundle, withShadow)
  const ofTeam = grouped(identities, ({ team, cluster }) => JSON.stringify([cluster, team]))
  return [...ofTeam.values()].flatMap((members) => {
    const all = members.map(({ name, team, cluster }, index): Holdings => {
      const identity = members[index] as Identity
      const mine = narrow(identity)
      const grants = mine.grants.filter((grant) => !isOver(grant, from))
      return { cluster, team, identity: name, places: placesOf(regionsOf({ ...mine, grants }, identity), from) }
    })
    const [first] = all
    const isTeam =
      members.length === [...bundle.identities.values()].filter((other) => isWith(other, members[0])).length
    if (first === undefined || !isTeam || new Set(all.map(({ places }) => JSON.stringify(places))).size > 1) return all
    const { identity: _identity, ...team } = first
    return [team]
  })
}

const isWith = (one: Identity, other: Identity | undefined): boolean =>
  one.team === other?.team && one.cluster === other.cluster

function placesOf(regions: readonly Region[], from: number): readonly Holding[] {
  const said = new Map<HdfsPath, string>()
  return regions.flatMap((region) => {
    const holding = toHolding(region, from)
    const text = JSON.stringify([holding.dataset, holding.allowed, holding.denied])
    const above = ancestorsOf(region.path).findLast((path) => said.has(path))
    // What lies around it says the same: the dataset, what is allowed in it, and what is denied.
    const isSaid = above !== undefined ? said.get(above) === text : isNothing(holding)
    said.set(region.path, text)
    return isSaid && !holding.isProtected ? [] : [holding]
  })
}

const isNothing = ({ allowed, denied }: Holding): boolean => allowed.length + denied.length === 0

function toHolding({ path, dataset, prefix, isProtected, allows, denies }: Region, from: number): Holding {
  const reach = { allows, denies }
  const allowed = rulesOf(allows, (action) => whenAllowed(reach, action, from))
  const denied = rulesOf(denies, (action) => whenDenied(denies, action, from))
  const mayUproot = allowed.some(({ actions }) => (setOf(actions) & UPROOTING) !== 0)
  return { path, dataset, prefix, isProtected: isProtected && mayUproot, allowed, denied, reach }
}

function whenDenied(denies: readonly Grant[], action: Action, from: number): string {
  const texts = denies.filter(({ actions }) => actions.includes(action)).map((grant) => conditionOf(grant, from))
  return texts.length === 0 ? NEVER : texts.includes('always') ? 'always' : [...new Set(texts)].join('; or ')
}

function rulesOf(grants: readonly Grant[], whenOf: (action: Action) => string): readonly Rule[] {
  const rules = new Map<string, { actions: Action[]; when: string; grants: GrantRef[] }>()
  for (const action of ACTIONS) {
    const when = whenOf(action)
    if (when === NEVER) continue
    const rule = rules.get(when) ?? { actions: [], when, grants: [] }
    rules.set(when, rule)
    rule.actions.push(action)
    for (const { name, at, actions } of grants) {
      if (actions.includes(action) && !rule.grants.some((ref) => ref.name === name)) rule.grants.push({ name, at })
    }
  }
  return [...rules.values()]
}
