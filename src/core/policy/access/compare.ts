/** What one side allows and the other does not, in whichever situation: exact, or said to be open. */
import type { Grant } from '../bundle.ts'
import {
  type ActionSet,
  allowedIn,
  applies,
  type Condition,
  deniedIn,
  doesAny,
  LOOKING,
  NOTHING,
  type Reach,
  type Situation,
  situationsOf,
  UPROOTING,
} from './situations.ts'

/** What the two sides say of some paths that are alike. */
export type Pair = { readonly before: Side; readonly after: Side }

export type Side = {
  readonly reach: Reach
  /** Of the path itself: whether it is the root of something protected. */
  readonly isProtected: boolean
  /** Of the path itself: allows that begin strictly below it, and so let it be seen. */
  readonly leading: readonly Condition[]
}

export const EMPTY: Side = { reach: NOTHING, isProtected: false, leading: [] }

export type Compared = {
  /** Of paths that belong to the region, and are not its root. */
  readonly within: Found
  /** Of the root itself, what is not already said within. */
  readonly root: Found
  /** Whether nothing else differs. If not, grants differ and so many situations were not tried. */
  readonly isWhole: boolean
}

/** Situations of each kind, with the actions that differ in them. */
export type Found = { readonly gained: readonly Differing[]; readonly lost: readonly Differing[] }
export type Differing = { readonly situation: Situation; readonly actions: ActionSet }

export const actionsOf = (found: readonly Differing[]): ActionSet =>
  found.reduce((set, { actions }) => set | actions, 0)

const NONE: Found = { gained: [], lost: [] }
/** Of sides that say the same. */
export const EQUAL: Compared = { within: NONE, root: NONE, isWhole: true }

/** Compares sides; what was found of one pair is known of all that ask the same of time and pod. */
export class Comparing {
  readonly #from: number
  readonly #ids = new Map<string, number>()
  readonly #idOf = new WeakMap<Condition, number>()
  readonly #known = new Map<string, Compared>()

  /** @param from what was before this moment is not looked at */
  constructor(from: number) {
    this.#from = from
  }

  compare({ before, after }: Pair): Compared {
    const [one, other] = [this.#keyOf(before), this.#keyOf(after)]
    if (one === other) return EQUAL
    const key = `${one} ${other}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made = compareSides({ before, after }, this.#from)
    this.#known.set(key, made)
    return made
  }

  /** What a side says, whatever its grants are called and in whichever order they stand. */
  #keyOf({ reach, isProtected, leading }: Side): string {
    const list = (grants: readonly Condition[]) => [...new Set(grants.map((grant) => this.#id(grant)))].sort().join()
    return `${list(reach.allows)}/${list(reach.denies)}/${list(leading)}/${isProtected ? 'p' : ''}`
  }

  #id(grant: Condition & Pick<Partial<Grant>, 'actions'>): number {
    const known = this.#idOf.get(grant)
    if (known !== undefined) return known
    const { effect, actions, startsAt, expiresAt, during, pods } = grant
    const text = JSON.stringify([
      effect,
      actions,
      startsAt ?? 0,
      expiresAt ?? 0,
      during,
      pods?.namespaces,
      pods?.selector,
    ])
    const id = this.#ids.get(text) ?? this.#ids.size
    this.#ids.set(text, id)
    this.#idOf.set(grant, id)
    return id
  }
}

function compareSides({ before, after }: Pair, from: number): Compared {
  const involved = new Set(
    [before, after].flatMap(({ reach, leading }) => [...reach.allows, ...reach.denies, ...leading]),
  )
  const { all, isWhole } = situationsOf([...involved], from)
  const within: { gained: Differing[]; lost: Differing[] } = { gained: [], lost: [] }
  const root: { gained: Differing[]; lost: Differing[] } = { gained: [], lost: [] }
  for (const situation of all) {
    const [was, is] = [allowedIn(before.reach, situation), allowedIn(after.reach, situation)]
    note(within, situation, was, is)
    const self = (side: Side, allowed: ActionSet): ActionSet =>
      (side.isProtected ? allowed & ~UPROOTING : allowed) | lookedAt(side, situation)
    note(root, situation, self(before, was), self(after, is))
  }
  // What is gained within is gained at the root: only what differs there alone is left to say.
  const alone = (direction: keyof Found): readonly Differing[] => {
    const said = actionsOf(within[direction])
    return root[direction].flatMap(({ situation, actions }) =>
      (actions & ~said) === 0 ? [] : [{ situation, actions: actions & ~said }],
    )
  }
  return { within, root: { gained: alone('gained'), lost: alone('lost') }, isWhole }
}

function note(found: { gained: Differing[]; lost: Differing[] }, situation: Situation, was: ActionSet, is: ActionSet) {
  if ((is & ~was) !== 0) found.gained.push({ situation, actions: is & ~was })
  if ((was & ~is) !== 0) found.lost.push({ situation, actions: was & ~is })
}

function lookedAt({ reach, leading }: Side, situation: Situation): ActionSet {
  const leads = leading.some((condition) => applies(condition, situation))
  return leads ? LOOKING & ~deniedIn(reach, situation) : 0
}

export type Cause = { readonly side: 'before' | 'after'; readonly grant: Grant }

/** Grants that make the difference in a situation: allows that one side has, or denies that the other one has. */
export function causesOf(
  { before, after }: Pair,
  direction: keyof Found,
  { situation, actions }: Differing,
): readonly Cause[] {
  const isGained = direction === 'gained'
  const [poor, rich] = isGained ? [before.reach, after.reach] : [after.reach, before.reach]
  const holding = (grants: readonly Grant[]) =>
    grants.filter((grant) => doesAny(grant, actions) && applies(grant, situation))
  const isRefused = holding(poor.allows).length > 0
  const side = isRefused === isGained ? 'before' : 'after'
  return (isRefused ? holding(poor.denies) : holding(rich.allows)).map((grant) => ({ side, grant }))
}
