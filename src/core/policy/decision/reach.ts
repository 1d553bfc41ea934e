/** Behind the marks of a trie: which grants they come from, and which place below a node they speak of. */
import type { PolicyReason } from '../../reasons.ts'
import type { GrantRef } from './decision.ts'
import { entryAt, indexOf, sizeOf } from './grant-lists.ts'
import { isOver } from './in-force.ts'
import { ENFORCED, IN_SHADOW, type Layout } from './layout.ts'
import { ALLOWS, counts, DENIES } from './mask.ts'
import { childWhere, DATASET, GRANTS, NODE } from './segments.ts'
import { BELOW, type Trie } from './trie.ts'

const NOTHING: readonly GrantRef[] = []

/** The grants at a node that allow, or deny, any of some actions, where its marks say that there are some. */
export function grantsAt(
  { layout, applying }: Trie,
  node: number,
  effect: typeof ALLOWS | typeof DENIES,
  bits: number,
): readonly GrantRef[] {
  const { lists, segments } = layout
  const list = segments.nodes[node * NODE + GRANTS] as number
  const size = sizeOf(lists, list)
  if (size === 1) return [refOf(layout, indexOf(entryAt(lists, list, 0)))]
  const found: GrantRef[] = []
  for (let at = 0; at < size; at += 1) {
    const index = indexOf(entryAt(lists, list, at))
    const mask = applying[index] as number
    if ((mask & DENIES) === effect && (mask & bits) !== 0) found.push(refOf(layout, index))
  }
  return found
}

/** Made when asked for: kept as it is, it would be most of what a slice takes. */
const refOf = ({ refs }: Layout, index: number): GrantRef => ({
  name: refs[index * 2] as string,
  at: refs[index * 2 + 1] as string,
})

/** Each once: a grant is known by its name. */
export const together = (some: readonly GrantRef[], more: readonly GrantRef[]): readonly GrantRef[] => [
  ...some,
  ...more.filter((one) => !some.some(({ name }) => name === one.name)),
]

/** Why nothing allows, where nothing does: the nearest miss, and the grants that nearly gave it. */
export function reasonWithout(trie: Trie, node: number, bit: number): readonly [PolicyReason, readonly GrantRef[]] {
  const { layout, now, withShadow } = trie
  const { lists, masks, segments, timed } = layout
  const list = segments.nodes[node * NODE + GRANTS] as number
  const over: GrantRef[] = []
  const atOtherTimes: GrantRef[] = []
  for (let at = 0; at < sizeOf(lists, list); at += 1) {
    const index = indexOf(entryAt(lists, list, at))
    const mask = masks[index] as number
    if ((mask & DENIES) !== ALLOWS || (mask & bit) === 0 || !counts(mask, withShadow)) continue
    const time = timed.get(index)
    if (time !== undefined && isOver(time, now)) over.push(refOf(layout, index))
    else atOtherTimes.push(refOf(layout, index))
  }
  if (over.length > 0) return ['grant-expired', over]
  if (atOtherTimes.length > 0) return ['not-now', atOtherTimes]
  return [isGranted(trie, node) ? 'no-grant' : 'no-dataset', NOTHING]
}

/** Whether the dataset of a node has an allow for this identity, for whatever place, action and moment. */
function isGranted({ layout, withShadow }: Trie, node: number): boolean {
  const dataset = layout.segments.nodes[node * NODE + DATASET] as number
  const wanted = withShadow ? ENFORCED | IN_SHADOW : ENFORCED
  return dataset >= 0 && ((layout.granted[dataset] as number) & wanted) !== 0
}

/**
 * A place strictly below a node, the outermost on its way, to which a mark led. Each step goes into the first child that
 * is wanted itself or marked to have one below.
 */
export function firstBelow(
  { layout: { segments }, below }: Trie,
  node: number,
  mark: number,
  isWanted: (child: number) => boolean,
  bit: number,
): number {
  const isOnTheWay = (child: number) => isWanted(child) || ((below[child * BELOW + mark] as number) & bit) !== 0
  let place = node
  for (;;) {
    const child = childWhere(segments, place, isOnTheWay)
    if (child === undefined) return place
    place = child
    if (isWanted(place)) return place
  }
}
