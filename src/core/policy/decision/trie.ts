/** A slice made ready to decide: at each node what is allowed and denied there, and marks that answer for all below it. */
import type { HdfsPath } from '../../hdfs/path.ts'
import { ACTION_INDEX, ACTIONS, type Action } from '../action.ts'
import type { Mode, Slice, SliceGrant, SlicePlace } from '../slice.ts'
import type { GrantRef } from './decision.ts'
import { type GrantLists, ListsOfGrants, sumOf } from './grant-lists.ts'
import { isInForce, type Timed } from './in-force.ts'
import type { Limits } from './limits.ts'
import { layOut, parentOf, type Segments } from './segments.ts'

/** What does not move with time: laid out once for each slice. */
export type Layout = {
  readonly segments: Segments
  /** For each node, the dataset of the innermost prefix at or above, as an index; -1 outside of all. */
  readonly datasetAt: Int32Array
  /** For each node, the list of the grants that reach it. */
  readonly listAt: Int32Array
  /** For each node, the list of the grants that begin at it. */
  readonly beginAt: Int32Array
  readonly lists: GrantLists
  /** For each node, whether it is the root of something protected. */
  readonly protectedAt: Uint8Array
  /** Of the dataset of each prefix. */
  readonly names: readonly string[]
  /** For each of those, {@link ENFORCED} and {@link IN_SHADOW}: whether an allow is on it, for whatever place, action and moment. */
  readonly granted: Uint8Array
  /** Of those that have some. */
  readonly limits: ReadonlyMap<number, Limits>
  readonly refs: readonly GrantRef[]
  readonly grants: readonly LaidOutGrant[]
}

export const ENFORCED = 1
export const IN_SHADOW = 2

export type LaidOutGrant = Timed & { readonly mode: Mode; readonly mask: number }

/** A layout at a moment. Bits of masks are actions, in the order of {@link ACTIONS}. */
export type Trie = {
  readonly layout: Layout
  /** Four numbers a node: {@link ALLOWED}, {@link DENIED}, {@link LOST_BELOW}, {@link DENIED_BELOW}. */
  readonly marks: Uint16Array
  /** For each grant, what it allows at this moment, and what it denies. */
  readonly allows: Uint16Array
  readonly denies: Uint16Array
  /** The moment it was marked for, which says of a grant that is not in force why. */
  readonly now: number
  readonly withShadow: boolean
}

export const MARKS = 4
export const ALLOWED = 0
export const DENIED = 1
/** Actions that some place strictly below does not allow. */
export const LOST_BELOW = 2
/** Actions that are denied at some place strictly below. */
export const DENIED_BELOW = 3
/** In {@link ALLOWED}, beside the actions: an allow begins here. In {@link LOST_BELOW}: strictly below. */
export const LEADS = 1 << 14
/** In {@link LOST_BELOW}, beside the actions: the root of something protected lies strictly below. */
export const PROTECTS = 1 << 15

const ALL_ACTIONS = (1 << ACTIONS.length) - 1

/** The bit of an action; 0 for a word that is none, which no mask has. */
export const bitOf = (action: Action): number => {
  const index = ACTION_INDEX.get(action)
  return index === undefined ? 0 : 1 << index
}

/** @param slice as `compile` or `readSlice` gives it: paths canonical, each once, indexes in range */
export function layOutSlice({ places, grants }: Slice): Layout {
  const { segments, nodeAt } = layOut(places.map(({ path }) => path as HdfsPath))
  const placeAt = new Map(nodeAt.map((node, index) => [node, places[index]]))
  const datasetAt = new Int32Array(segments.count).fill(-1)
  const listAt = new Int32Array(segments.count)
  const beginAt = new Int32Array(segments.count)
  const protectedAt = new Uint8Array(segments.count)
  const lists = new ListsOfGrants()
  const roots: SlicePlace[] = []
  for (let node = 0; node < segments.count; node += 1) {
    const place = placeAt.get(node)
    const parent = Math.max(0, parentOf(segments, node))
    datasetAt[node] = datasetAt[parent] as number
    listAt[node] = listAt[parent] as number
    if (place === undefined) continue
    protectedAt[node] = place.protect ? 1 : 0
    if (place.dataset !== undefined) datasetAt[node] = roots.push(place) - 1
    listAt[node] = lists.add(reaching(place, lists.get(listAt[parent] as number), grants))
    beginAt[node] = lists.add(place.grants)
  }
  const grantedIn = (mode: Mode) => {
    const isAllow = (index: number) => grants[index]?.effect === 'allow' && grants[index].mode === mode
    const begun = nodeAt.filter((_, index) => places[index]?.grants.some(isAllow))
    return new Set(begun.map((node) => roots[datasetAt[node] as number]?.dataset))
  }
  const [enforced, inShadow] = [grantedIn('enforce'), grantedIn('shadow')]
  return {
    segments,
    datasetAt,
    listAt,
    beginAt,
    lists: lists.pack(),
    protectedAt,
    names: roots.map(({ dataset = '' }) => dataset),
    granted: Uint8Array.from(roots, ({ dataset }) => {
      return (enforced.has(dataset) ? ENFORCED : 0) | (inShadow.has(dataset) ? IN_SHADOW : 0)
    }),
    limits: new Map(roots.flatMap(({ limits }, index) => (limits === undefined ? [] : [[index, limits]]))),
    refs: grants.map(({ name, at }) => ({ name, at })),
    grants: grants.map(({ name: _name, at: _at, actions, ...timed }) => {
      return { ...timed, mask: actions.reduce((mask, action) => mask | bitOf(action), 0) }
    }),
  }
}

/** An allow ends where another prefix begins; a deny reaches on. */
function reaching(
  { dataset, grants: begin }: SlicePlace,
  around: readonly number[],
  grants: readonly SliceGrant[],
): readonly number[] {
  const reachOn = dataset === undefined ? around : around.filter((index) => grants[index]?.effect === 'deny')
  return [...new Set([...reachOn, ...begin])].sort((one, other) => one - other)
}

/** @param withShadow whether grants in shadow count as if they were enforced */
export function markTrie(layout: Layout, now: number, withShadow = false): Trie {
  const { segments, grants, lists, listAt, beginAt, protectedAt } = layout
  const allows = new Uint16Array(grants.length)
  const denies = new Uint16Array(grants.length)
  for (const [index, grant] of grants.entries()) {
    if (!counts(grant, withShadow) || !isInForce(grant, now)) continue
    if (grant.effect === 'allow') allows[index] = grant.mask
    else denies[index] = grant.mask
  }
  const marks = new Uint16Array(segments.count * MARKS)
  for (let node = segments.count - 1; node >= 0; node -= 1) {
    const allowed = sumOf(lists, listAt[node] as number, allows)
    const denied = sumOf(lists, listAt[node] as number, denies)
    const begins = sumOf(lists, beginAt[node] as number, allows) === 0 ? 0 : LEADS
    const at = node * MARKS
    marks[at + ALLOWED] = allowed | begins
    marks[at + DENIED] = denied
    if (node === 0) continue
    // Children come after their parents, so all below this node has been added up already.
    const above = parentOf(segments, node) * MARKS
    const lost = (marks[at + LOST_BELOW] as number) | (ALL_ACTIONS & ~allowed)
    const protects = protectedAt[node] === 1 ? PROTECTS : 0
    marks[above + LOST_BELOW] = (marks[above + LOST_BELOW] as number) | lost | begins | protects
    const deniedThere = denied | (marks[at + DENIED_BELOW] as number)
    marks[above + DENIED_BELOW] = deniedThere | (marks[above + DENIED_BELOW] as number)
  }
  return { layout, marks, allows, denies, now, withShadow }
}

export const counts = ({ mode }: LaidOutGrant, withShadow: boolean): boolean => mode === 'enforce' || withShadow
