/** A slice made ready to decide: at each node what is allowed and denied there, and marks that answer for all below it. */
import type { HdfsPath } from '../hdfs/path.ts'
import { ACTION_INDEX, ACTIONS, type Action } from './action.ts'
import type { GrantRef } from './decision.ts'
import { type GrantLists, ListsOfGrants, sumOf } from './grant-lists.ts'
import { isInForce, type Timed } from './in-force.ts'
import type { Limits } from './limits.ts'
import { FIELDS, layOut, parentOf, ROOM, type Segments } from './segments.ts'
import type { Mode, Slice, SliceGrant, SlicePlace } from './slice.ts'

/** What does not move with time: laid out once for each slice. */
export type Layout = {
  readonly segments: Segments
  /** For each node, the list of the allows that begin at it. */
  readonly beginAt: Int32Array
  readonly lists: GrantLists
  /** For each node, whether it is the root of something protected. */
  readonly protectedAt: Uint8Array
  /** Names of {@link datasets}, which a decision has to have at hand. */
  readonly names: readonly string[]
  /** One for each prefix. */
  readonly datasets: readonly LaidOutDataset[]
  readonly refs: readonly GrantRef[]
  readonly grants: readonly LaidOutGrant[]
}

export type LaidOutDataset = {
  readonly limits?: Limits
  /** Whether an allow of this identity is on it, for whatever place, action and moment. */
  readonly isGranted: boolean
  readonly isGrantedInShadow: boolean
}

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

/** In the {@link ROOM} of a node: the dataset of the innermost prefix at or above, as an index, -1 outside of all. */
export const DATASET = ROOM
/** And where the grants that reach it begin and end in the lists. */
export const GRANTS_FROM = ROOM + 1
export const GRANTS_TO = ROOM + 2

/** @param slice as `compile` or `readSlice` gives it: paths canonical, each once, indexes in range */
export function layOutSlice({ places, grants }: Slice): Layout {
  const { segments, nodeAt } = layOut(places.map(({ path }) => path as HdfsPath))
  const { nodes, count } = segments
  const placeAt = new Map(nodeAt.map((node, index) => [node, places[index]]))
  const listAt = new Int32Array(count)
  const beginAt = new Int32Array(count)
  const protectedAt = new Uint8Array(count)
  const lists = new ListsOfGrants()
  const roots: SlicePlace[] = []
  nodes[DATASET] = -1
  for (let node = 0; node < count; node += 1) {
    const place = placeAt.get(node)
    const parent = Math.max(0, parentOf(segments, node))
    nodes[node * FIELDS + DATASET] = nodes[parent * FIELDS + DATASET] as number
    listAt[node] = listAt[parent] as number
    if (place === undefined) continue
    protectedAt[node] = place.protect ? 1 : 0
    if (place.dataset !== undefined) nodes[node * FIELDS + DATASET] = roots.push(place) - 1
    listAt[node] = lists.add(reaching(place, lists.get(listAt[parent] as number), grants))
    beginAt[node] = lists.add(place.grants.filter((index) => grants[index]?.effect === 'allow'))
  }
  const packed = lists.pack()
  for (const [node, list] of listAt.entries()) {
    nodes[node * FIELDS + GRANTS_FROM] = packed.starts[list] as number
    nodes[node * FIELDS + GRANTS_TO] = packed.starts[list + 1] as number
  }
  const grantedIn = (mode: Mode) => {
    const isAllow = (index: number) => grants[index]?.effect === 'allow' && grants[index].mode === mode
    const begun = nodeAt.filter((_, index) => places[index]?.grants.some(isAllow))
    return new Set(begun.map((node) => roots[nodes[node * FIELDS + DATASET] as number]?.dataset))
  }
  const [enforced, inShadow] = [grantedIn('enforce'), grantedIn('shadow')]
  return {
    segments,
    beginAt,
    lists: packed,
    protectedAt,
    names: roots.map(({ dataset = '' }) => dataset),
    datasets: roots.map(({ dataset = '', limits }) => ({
      ...(limits === undefined ? {} : { limits }),
      isGranted: enforced.has(dataset),
      isGrantedInShadow: inShadow.has(dataset),
    })),
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
  const { segments, grants, lists, beginAt, protectedAt } = layout
  const { nodes } = segments
  const allows = new Uint16Array(grants.length)
  const denies = new Uint16Array(grants.length)
  for (const [index, grant] of grants.entries()) {
    if (!counts(grant, withShadow) || !isInForce(grant, now)) continue
    if (grant.effect === 'allow') allows[index] = grant.mask
    else denies[index] = grant.mask
  }
  const marks = new Uint16Array(segments.count * MARKS)
  for (let node = segments.count - 1; node >= 0; node -= 1) {
    const from = nodes[node * FIELDS + GRANTS_FROM] as number
    const to = nodes[node * FIELDS + GRANTS_TO] as number
    const allowed = sumOf(lists, from, to, allows)
    const denied = sumOf(lists, from, to, denies)
    const begin = beginAt[node] as number
    const begun = sumOf(lists, lists.starts[begin] as number, lists.starts[begin + 1] as number, allows)
    const begins = begun === 0 ? 0 : LEADS
    const at = node * MARKS
    marks[at + ALLOWED] = allowed | begins
    marks[at + DENIED] = denied
    if (node === 0) continue
    // Children come after their parents, so all below this node has been added up already.
    const above = parentOf(segments, node) * MARKS
    const lost = (marks[at + LOST_BELOW] as number) | (ALL_ACTIONS & ~allowed)
    const protects = protectedAt[node] === 1 ? PROTECTS : 0
    marks[above + LOST_BELOW] = (marks[above + LOST_BELOW] as number) | lost | begins | protects
    marks[above + DENIED_BELOW] =
      (marks[above + DENIED_BELOW] as number) | (marks[at + DENIED_BELOW] as number) | denied
  }
  return { layout, marks, allows, denies, now, withShadow }
}

export const counts = ({ mode }: LaidOutGrant, withShadow: boolean): boolean => mode === 'enforce' || withShadow

/** A slice at a moment, milliseconds since the epoch. */
export const buildTrie = (slice: Slice, now: number, withShadow = false): Trie =>
  markTrie(layOutSlice(slice), now, withShadow)
