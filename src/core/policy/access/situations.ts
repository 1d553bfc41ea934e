/** Situations enough, a moment and a pod each, to tell any two things apart that grants can say; and what holds in one. */
import { ACTION_INDEX, ACTIONS, type Action } from '../action.ts'
import type { Grant } from '../bundle.ts'
import { isInForce, type Timed } from '../decision/in-force.ts'
import { type PodCondition, type PodContext, pertains } from '../decision/pod-condition.ts'
import { type Moment, momentsOf } from './moments.ts'
import { podsFor } from './pods.ts'

/** What a grant asks of moment and pod. */
export type Condition = Timed & { readonly pods?: PodCondition }

export type Situation = { readonly moment: Moment; readonly pod: PodContext }

export type Situations = {
  readonly all: readonly Situation[]
  /** Whether nothing else can be said in any other situation. Otherwise they are only examples. */
  readonly isWhole: boolean
}

/** Times grants that are tried in each: less than a tenth of a second. */
const MOST_TRIED = 400_000

/** @param from what was before this moment, milliseconds since the epoch, is over and not looked at */
export function situationsOf(grants: readonly Condition[], from: number): Situations {
  const moments = momentsOf(grants, from)
  const { pods, isWhole } = podsFor(grants)
  const most = Math.max(1, Math.ceil(MOST_TRIED / Math.max(1, grants.length)))
  const all: Situation[] = []
  for (const pod of pods) {
    for (const moment of moments) {
      if (all.length >= most) return { all, isWhole: false }
      all.push({ moment, pod })
    }
  }
  return { all, isWhole }
}

export const applies = (grant: Condition, { moment, pod }: Situation): boolean =>
  isInForce(grant, moment.time) && pertains(grant, pod)

/** What reaches a path, whatever it asks of time and pod. */
export type Reach = { readonly allows: readonly Grant[]; readonly denies: readonly Grant[] }

export const NOTHING: Reach = { allows: [], denies: [] }

/** A set of actions: the bit of each, by its place in {@link ACTIONS}. */
export type ActionSet = number

export const bit = (action: Action): ActionSet => 1 << (ACTION_INDEX.get(action) ?? 31)
export const setOf = (actions: readonly Action[]): ActionSet => actions.reduce((set, action) => set | bit(action), 0)
export const listOf = (set: ActionSet): readonly Action[] => ACTIONS.filter((_, index) => (set & (1 << index)) !== 0)

/** What may never be done to the root of something protected. */
export const UPROOTING = setOf(['delete', 'setattr', 'acl', 'admin'])
/** What may be done to directories that lead to where an allow begins. */
export const LOOKING = setOf(['stat', 'list'])

const sets = new WeakMap<Grant, ActionSet>()

function actionsOf(grant: Grant): ActionSet {
  const known = sets.get(grant)
  if (known !== undefined) return known
  const set = setOf(grant.actions)
  sets.set(grant, set)
  return set
}

const sumOf = (grants: readonly Grant[], situation: Situation): ActionSet =>
  grants.reduce((set, grant) => (applies(grant, situation) ? set | actionsOf(grant) : set), 0)

export const deniedIn = ({ denies }: Reach, situation: Situation): ActionSet => sumOf(denies, situation)

/** The same as `decide` says of each action, but for roots that are protected and directories that lead somewhere. */
export const allowedIn = (reach: Reach, situation: Situation): ActionSet =>
  sumOf(reach.allows, situation) & ~deniedIn(reach, situation)

export const doesAny = (grant: Grant, set: ActionSet): boolean => (actionsOf(grant) & set) !== 0
