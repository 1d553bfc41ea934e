/** Behind the marks of a trie: which grants they come from, and which place below a node they speak of. */
import type { PolicyReason } from '../reasons.ts'
import type { Decision, GrantRef } from './decision.ts'
import { isOver } from './in-force.ts'
import { childWhere, FIELDS } from './segments.ts'
import {
  counts,
  DATASET,
  GRANTS_FROM,
  GRANTS_TO,
  type LaidOutDataset,
  type LaidOutGrant,
  type Layout,
  MARKS,
  type Trie,
} from './trie.ts'

/** Grants of one effect in force at a node for any action of a mask. */
export function grantsAt(
  { layout, allows, denies }: Trie,
  node: number,
  effect: Decision['effect'],
  mask: number,
): readonly GrantRef[] {
  const { nodes } = layout.segments
  const { indexes } = layout.lists
  const to = nodes[node * FIELDS + GRANTS_TO] as number
  const masks = effect === 'allow' ? allows : denies
  const refs: GrantRef[] = []
  for (let at = nodes[node * FIELDS + GRANTS_FROM] as number; at < to; at += 1) {
    const index = indexes[at] as number
    if (((masks[index] as number) & mask) !== 0) refs.push(layout.refs[index] as GrantRef)
  }
  return refs
}

/** Why nothing allows, where nothing does: the nearest miss, and the grants that nearly gave it. */
export function reasonWithout(trie: Trie, node: number, bit: number): readonly [PolicyReason, readonly GrantRef[]] {
  const { layout, now, withShadow } = trie
  const { nodes } = layout.segments
  const nearly = [
    ...layout.lists.indexes.subarray(nodes[node * FIELDS + GRANTS_FROM], nodes[node * FIELDS + GRANTS_TO]),
  ]
    .map((index) => ({ ...(layout.grants[index] as LaidOutGrant), ref: layout.refs[index] as GrantRef }))
    .filter((grant) => grant.effect === 'allow' && (grant.mask & bit) !== 0 && counts(grant, withShadow))
  const over = nearly.filter((grant) => isOver(grant, now))
  const refs = (over.length > 0 ? over : nearly).map(({ ref }) => ref)
  if (over.length > 0) return ['grant-expired', refs]
  if (nearly.length > 0) return ['not-now', refs]
  return [isGranted(trie, node) ? 'no-grant' : 'no-dataset', []]
}

/** The dataset of the innermost prefix at or above a node. */
export const datasetAt = ({ segments, datasets }: Layout, node: number): LaidOutDataset | undefined =>
  datasets[segments.nodes[node * FIELDS + DATASET] as number]

/** Whether the dataset of a node has an allow for this identity, for whatever place, action and moment. */
function isGranted({ layout, withShadow }: Trie, node: number): boolean {
  const dataset = datasetAt(layout, node)
  return dataset !== undefined && (dataset.isGranted || (withShadow && dataset.isGrantedInShadow))
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
