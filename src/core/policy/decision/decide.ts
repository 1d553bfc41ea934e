/** The whole of the authorization rule. Nothing here waits, looks up or throws. */
import { type HdfsPath, ROOT } from '../../hdfs/path.ts'
import type { Decision } from './decision.ts'
import type { Demand } from './demand.ts'
import type { Limits } from './limits.ts'
import { ALL_ACTIONS, ALLOWS, bitOf, bitsOf, DENIES } from './mask.ts'
import { firstBelow, grantsAt, reasonWithout, together } from './reach.ts'
import { DATASET, find, NODE } from './segments.ts'
import { allowedAt, BELOW, DENIED, deniedAt, LEADS, LOST, PROTECTS, type Trie } from './trie.ts'

/**
 * Whether one identity may do what an operation demands, at the moment that the trie was marked for.
 *
 * 1. A path belongs to the dataset whose prefix covers it and is the longest, by whole segments.
 * 2. A deny reaches everything below the prefixes of its datasets, nested datasets too. Where one applies, the answer is deny.
 * 3. An allow reaches exactly the paths that belong to its datasets. Where one applies, the answer is allow.
 * 4. A grant with sub-paths reaches only what is at or below them, counted from each prefix; an allow, from the one that
 *    the path belongs by.
 * 5. A strict ancestor of a place where an allow begins may be stat-ed and listed, by itself.
 * 6. Otherwise the answer is deny.
 * 7. A grant applies from its start on, before its expiry and not at it, inside its hours, to the pods it asks for.
 * 8. The root of a protected dataset, and a protected sub-path that belongs to it, is never deleted, renamed or re-permissioned, at it or by a subtree around it.
 * 9. A subtree is allowed where its top is by 3, and nothing below is denied, or in a place that lacks the allow.
 * 10. An operation is allowed when each of its demands is; the first that is not decides. No demand at all is denied.
 *
 * The order of grants and datasets never matters.
 */
export function decide(trie: Trie, demands: readonly Demand[]): Decision {
  let decision: Decision | undefined
  for (const demand of demands) {
    const next = decideDemand(trie, demand)
    if (next.effect === 'deny') return next
    decision = decision === undefined ? next : { ...decision, grants: together(decision.grants, next.grants) }
  }
  return decision ?? { effect: 'deny', reason: 'no-grant', grants: [], demand: NO_DEMAND }
}

/** One demand by itself: what `kerbside policy explain` shows line by line. */
export function decideDemand(trie: Trie, demand: Demand): Decision {
  const { below, layout } = trie
  const found = find(layout.segments, demand.path)
  const isExact = found >= 0
  const node = isExact ? found : ~found
  const bit = bitOf(demand.action)
  if ((deniedAt(trie, node) & bit) !== 0) {
    return answer(trie, demand, node, 'deny', 'denied-by-grant', grantsAt(trie, node, DENIES, bit))
  }
  // Of a path that has no node nothing lies below.
  const lost = isExact ? (below[node * BELOW + LOST] as number) : 0
  if ((allowedAt(trie, node) & bit) === 0) {
    if ((lost & LEADS) !== 0 && demand.scope === 'this' && (bit & LOOKS) !== 0) return ancestor(trie, demand, node)
    return answer(trie, demand, node, 'deny', ...reasonWithout(trie, node, bit))
  }
  const isSubtree = demand.scope !== 'this'
  if (isExact && (bit & UPROOTING) !== 0) {
    const isRoot = layout.protectedAt[node] === 1 || (isSubtree && (lost & PROTECTS) !== 0)
    if (isRoot) return answer(trie, demand, node, 'deny', 'protected-root', [])
  }
  if (isExact && isSubtree) {
    if (((below[node * BELOW + DENIED] as number) & bit) !== 0) {
      const place = firstBelow(trie, node, DENIED, (child) => (deniedAt(trie, child) & bit) !== 0, bit)
      return answer(trie, demand, place, 'deny', 'denied-by-grant', grantsAt(trie, place, DENIES, bit))
    }
    if ((lost & bit) !== 0) {
      const place = firstBelow(trie, node, LOST, (child) => (allowedAt(trie, child) & bit) === 0, bit)
      return answer(trie, demand, place, 'deny', 'nested-dataset', [])
    }
  }
  return answer(trie, demand, node, 'allow', 'granted', grantsAt(trie, node, ALLOWS, bit))
}

const LOOKS = bitsOf(['stat', 'list'])

/** A rename demands `delete` on the subtree that moves, so it needs no word of its own. */
const UPROOTING = bitsOf(['delete', 'setattr', 'acl', 'admin'])

/** Rests on one of the allows that it leads to. */
function ancestor(trie: Trie, demand: Demand, node: number): Decision {
  const place = firstBelow(trie, node, LOST, (child) => (allowedAt(trie, child) & LEADS) !== 0, LEADS)
  return answer(trie, demand, node, 'allow', 'ancestor', grantsAt(trie, place, ALLOWS, ALL_ACTIONS).slice(0, 1))
}

/** How large what is written at a path may be; nothing where the dataset and its cluster do not say. */
export function limitsAt({ layout }: Trie, path: HdfsPath): Limits | undefined {
  const found = find(layout.segments, path)
  return layout.limits.get(layout.segments.nodes[(found >= 0 ? found : ~found) * NODE + DATASET] as number)
}

/** Stands in a decision about an operation that demanded nothing, which no operation does. */
const NO_DEMAND: Demand = { action: 'admin', path: ROOT, scope: 'subtree' }

function answer(
  { layout }: Trie,
  demand: Demand,
  node: number,
  effect: Decision['effect'],
  reason: Decision['reason'],
  grants: Decision['grants'],
): Decision {
  const dataset = layout.names[layout.segments.nodes[node * NODE + DATASET] as number]
  return dataset === undefined ? { effect, reason, grants, demand } : { effect, reason, grants, dataset, demand }
}
