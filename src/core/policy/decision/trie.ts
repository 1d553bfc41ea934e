/** A slice made ready to decide: what each list of grants allows and denies, and marks at each node that answer for all below it. */
import { type Entry, entryAt, indexOf, isBegun, sizeOf } from './grant-lists.ts'
import { isInForce, type Timed } from './in-force.ts'
import type { Layout } from './layout.ts'
import { ALL_ACTIONS, ALLOWS, counts, DENIES } from './mask.ts'
import { childrenOf, GRANTS, NODE } from './segments.ts'

/** A layout at a moment. Marks are numbers whose bits are actions. */
export type Trie = {
  readonly layout: Layout
  /** Two numbers a node: {@link LOST} and {@link DENIED} strictly below it. */
  readonly below: Uint16Array
  /** Two numbers for each list of several grants: what it allows, and what it denies. */
  readonly lists: Uint16Array
  /** For each grant its mask, where it applies at this moment; else 0. */
  readonly applying: Uint16Array
  /** The moment it was marked for, which says of a grant that is not in force why. */
  readonly now: number
  readonly withShadow: boolean
}

export const BELOW = 2
/** Actions that some place does not allow. */
export const LOST = 0
/** Actions that are denied at some place. */
export const DENIED = 1
/** Beside the actions of what is allowed: an allow begins here. Of what is lost below: there. */
export const LEADS = 1 << 14
/** Beside the actions that are lost below: the root of something protected lies there. */
export const PROTECTS = 1 << 15

/** @param withShadow whether grants in shadow count as if they were enforced */
export function markTrie(layout: Layout, now: number, withShadow = false): Trie {
  const { segments, lists, masks } = layout
  const isApplying = (mask: number, index: number) => {
    const time = layout.timed.get(index) ?? ((mask & DENIES) === ALLOWS ? ALWAYS_ALLOWS : ALWAYS_DENIES)
    return counts(mask, withShadow) && isInForce(time, now)
  }
  const applying = masks.every(isApplying) ? masks : masks.map((mask, index) => (isApplying(mask, index) ? mask : 0))
  const marked = new Uint16Array((lists.starts.length - 1) * 2)
  for (let list = 0; list * 2 < marked.length; list += 1) {
    for (let at = 0; at < sizeOf(lists, list); at += 1) {
      const entry = entryAt(lists, list, at)
      marked[list * 2] = (marked[list * 2] as number) | allowedBy(applying, entry)
      marked[list * 2 + 1] = (marked[list * 2 + 1] as number) | deniedBy(applying, entry)
    }
  }
  const trie = { layout, below: new Uint16Array(segments.count * BELOW), lists: marked, applying, now, withShadow }
  // Children come after their parents, so all below a node is marked before it is.
  for (let node = segments.count - 1; node >= 0; node -= 1) markFromBelow(trie, node)
  return trie
}

const ALWAYS_ALLOWS: Timed = { effect: 'allow' }
const ALWAYS_DENIES: Timed = { effect: 'deny' }

function markFromBelow(trie: Trie, node: number): void {
  const { below } = trie
  const { segments, protectedAt } = trie.layout
  let [lost, denied] = [0, 0]
  for (let child = childrenOf(segments, node); child < childrenOf(segments, node + 1); child += 1) {
    const at = child * BELOW
    const allowed = allowedAt(trie, child)
    lost |= (below[at + LOST] as number) | (ALL_ACTIONS & ~allowed) | (allowed & LEADS)
    if (protectedAt[child] === 1) lost |= PROTECTS
    denied |= (below[at + DENIED] as number) | deniedAt(trie, child)
  }
  below[node * BELOW + LOST] = lost
  below[node * BELOW + DENIED] = denied
}

/** The actions that a grant at a node allows; with {@link LEADS} where one begins there. */
export function allowedAt({ layout, lists, applying }: Trie, node: number): number {
  const list = layout.segments.nodes[node * NODE + GRANTS] as number
  return list < 0 ? allowedBy(applying, ~list) : (lists[list * 2] as number)
}

/** The actions that a grant at a node denies. */
export function deniedAt({ layout, lists, applying }: Trie, node: number): number {
  const list = layout.segments.nodes[node * NODE + GRANTS] as number
  return list < 0 ? deniedBy(applying, ~list) : (lists[list * 2 + 1] as number)
}

function allowedBy(applying: Uint16Array, entry: Entry): number {
  const mask = applying[indexOf(entry)] as number
  const actions = (mask & DENIES) === ALLOWS ? mask & ALL_ACTIONS : 0
  return actions !== 0 && isBegun(entry) ? actions | LEADS : actions
}

function deniedBy(applying: Uint16Array, entry: Entry): number {
  const mask = applying[indexOf(entry)] as number
  return (mask & DENIES) === ALLOWS ? 0 : mask & ALL_ACTIONS
}
