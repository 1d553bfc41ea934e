/** A slice made ready to decide: at each node what is allowed and denied there, and marks that answer for all below it. */
import { entryAt, indexOf, isBegun, sizeOf } from './grant-lists.ts'
import { isInForce, type Timed } from './in-force.ts'
import type { Layout } from './layout.ts'
import { ALL_ACTIONS, ALLOWS, counts, DENIES } from './mask.ts'
import { childrenOf, GRANTS, NODE } from './segments.ts'

/** A layout at a moment. */
export type Trie = {
  readonly layout: Layout
  /** Four numbers a node: {@link ALLOWED}, {@link DENIED}, {@link LOST_BELOW}, {@link DENIED_BELOW}. Their bits are actions. */
  readonly marks: Uint16Array
  /** For each grant its mask, where it applies at this moment; else 0. */
  readonly applying: Uint16Array
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

/** @param withShadow whether grants in shadow count as if they were enforced */
export function markTrie(layout: Layout, now: number, withShadow = false): Trie {
  const applying = layout.masks.map((mask, index) => {
    const time = layout.timed.get(index) ?? ((mask & DENIES) === ALLOWS ? ALWAYS_ALLOWS : ALWAYS_DENIES)
    return counts(mask, withShadow) && isInForce(time, now) ? mask : 0
  })
  const marks = new Uint16Array(layout.segments.count * MARKS)
  // Children come after their parents, so all below a node is marked before it is.
  for (let node = layout.segments.count - 1; node >= 0; node -= 1) {
    markAt(node, layout, applying, marks)
    markFromBelow(node, layout, marks)
  }
  return { layout, marks, applying, now, withShadow }
}

const ALWAYS_ALLOWS: Timed = { effect: 'allow' }
const ALWAYS_DENIES: Timed = { effect: 'deny' }

function markAt(node: number, { segments, lists }: Layout, applying: Uint16Array, marks: Uint16Array): void {
  const list = segments.nodes[node * NODE + GRANTS] as number
  let [allowed, denied] = [0, 0]
  for (let at = 0; at < sizeOf(lists, list); at += 1) {
    const entry = entryAt(lists, list, at)
    const mask = applying[indexOf(entry)] as number
    const actions = mask & ALL_ACTIONS
    if ((mask & DENIES) !== ALLOWS) denied |= actions
    else if (actions !== 0) allowed |= isBegun(entry) ? actions | LEADS : actions
  }
  marks[node * MARKS + ALLOWED] = allowed
  marks[node * MARKS + DENIED] = denied
}

function markFromBelow(node: number, { segments, protectedAt }: Layout, marks: Uint16Array): void {
  let [lost, denied] = [0, 0]
  for (let child = childrenOf(segments, node); child < childrenOf(segments, node + 1); child += 1) {
    const at = child * MARKS
    const allowed = marks[at + ALLOWED] as number
    lost |= (marks[at + LOST_BELOW] as number) | (ALL_ACTIONS & ~allowed) | (allowed & LEADS)
    if (protectedAt[child] === 1) lost |= PROTECTS
    denied |= (marks[at + DENIED] as number) | (marks[at + DENIED_BELOW] as number)
  }
  marks[node * MARKS + LOST_BELOW] = lost
  marks[node * MARKS + DENIED_BELOW] = denied
}
