/** Behind the marks of a trie: which grants they come from, and which place below a node they speak of. */
import type { PolicyReason } from '../reasons.ts'
import type { GrantRef } from './decision.ts'
import { isInForce, isOver } from './in-force.ts'
import { childWhere } from './segments.ts'
import { counts, type LaidOutGrant, MARKS, type Trie } from './trie.ts'

const NOTHING: readonly GrantRef[] = []

/** Grants of one effect in force at a node for any action of a mask. */
export function grantsAt(trie: Trie, node: number, effect: 'allow' | 'deny', mask: number): readonly GrantRef[] {
  const { layout, now, withShadow } = trie
  const refs: GrantRef[] = []
  for (const index of layout.lists[layout.listAt[node] as number] as readonly number[]) {
    const grant = layout.grants[index] as LaidOutGrant
    if (grant.effect !== effect || (grant.mask & mask) === 0) continue
    if (counts(grant, withShadow) && isInForce(grant, now)) refs.push(grant.ref)
  }
  return refs
}

/** Why nothing allows, where nothing does: the nearest miss, and the grants that nearly gave it. */
export function reasonWithout(trie: Trie, node: number, bit: number): readonly [PolicyReason, readonly GrantRef[]] {
  const allows = reaching(trie, node).filter(({ effect, mask }) => effect === 'allow' && (mask & bit) !== 0)
  if (allows.length > 0) {
    const over = allows.filter((grant) => isOver(grant, trie.now))
    return over.length > 0 ? ['grant-expired', refsOf(over)] : ['not-now', refsOf(allows)]
  }
  return [isGranted(trie, node) ? 'no-grant' : 'no-dataset', NOTHING]
}

/** Whether the dataset of a node has an allow for this identity, for whatever place, action and moment. */
function isGranted({ layout, withShadow }: Trie, node: number): boolean {
  const dataset = layout.datasets[layout.datasetAt[node] as number]
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

function reaching({ layout, withShadow }: Trie, node: number): readonly LaidOutGrant[] {
  const list = layout.lists[layout.listAt[node] as number] ?? []
  return list.flatMap((index) => layout.grants[index] ?? []).filter((grant) => counts(grant, withShadow))
}

const refsOf = (grants: readonly LaidOutGrant[]): readonly GrantRef[] => grants.map(({ ref }) => ref)
