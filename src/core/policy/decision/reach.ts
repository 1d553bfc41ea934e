/** Behind the marks of a trie: which grants they come from, and which place below a node they speak of. */
import type { PolicyReason } from '../../reasons.ts'
import type { GrantRef } from './decision.ts'
import { isOver } from './in-force.ts'
import { childWhere } from './segments.ts'
import { counts, ENFORCED, IN_SHADOW, type LaidOutGrant, MARKS, type Trie } from './trie.ts'

const NOTHING: readonly GrantRef[] = []

/** Grants at a node that have any action of a mask among the `allows` or the `denies` of the trie. */
export function grantsAt(
  { layout: { listAt, lists, refs } }: Trie,
  node: number,
  masks: Uint16Array,
  mask: number,
): readonly GrantRef[] {
  const { indexes, starts } = lists
  const list = listAt[node] as number
  const found: GrantRef[] = []
  for (let at = starts[list] as number; at < (starts[list + 1] as number); at += 1) {
    const index = indexes[at] as number
    if (((masks[index] as number) & mask) !== 0) found.push(refs[index] as GrantRef)
  }
  return found
}

/** Why nothing allows, where nothing does: the nearest miss, and the grants that nearly gave it. */
export function reasonWithout(trie: Trie, node: number, bit: number): readonly [PolicyReason, readonly GrantRef[]] {
  const { layout, now, withShadow } = trie
  const { indexes, starts } = layout.lists
  const list = layout.listAt[node] as number
  const over: GrantRef[] = []
  const atOtherTimes: GrantRef[] = []
  for (let at = starts[list] as number; at < (starts[list + 1] as number); at += 1) {
    const index = indexes[at] as number
    const grant = layout.grants[index] as LaidOutGrant
    if (grant.effect !== 'allow' || (grant.mask & bit) === 0 || !counts(grant, withShadow)) continue
    if (isOver(grant, now)) over.push(layout.refs[index] as GrantRef)
    else atOtherTimes.push(layout.refs[index] as GrantRef)
  }
  if (over.length > 0) return ['grant-expired', over]
  if (atOtherTimes.length > 0) return ['not-now', atOtherTimes]
  return [isGranted(trie, node) ? 'no-grant' : 'no-dataset', NOTHING]
}

/** Whether the dataset of a node has an allow for this identity, for whatever place, action and moment. */
function isGranted({ layout, withShadow }: Trie, node: number): boolean {
  const dataset = layout.datasetAt[node] as number
  const wanted = withShadow ? ENFORCED | IN_SHADOW : ENFORCED
  return dataset >= 0 && ((layout.granted[dataset] as number) & wanted) !== 0
}

/**
 * A place strictly below a node, the outermost on its way, to which a mark led. Each step goes into the first child that
 * is wanted itself or marked to have one below.
 */
export function firstBelow(
  { layout: { segments }, marks }: Trie,
  node: number,
  mark: number,
  isWanted: (child: number) => boolean,
  bit: number,
): number {
  const isOnTheWay = (child: number) => isWanted(child) || ((marks[child * MARKS + mark] as number) & bit) !== 0
  let place = node
  for (;;) {
    const child = childWhere(segments, place, isOnTheWay)
    if (child === undefined) return place
    place = child
    if (isWanted(place)) return place
  }
}
