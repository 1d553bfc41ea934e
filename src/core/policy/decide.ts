/** The whole of the authorization rule. Time comes in as a number; nothing here waits, looks up or throws. */
import { ROOT } from '../hdfs/path.ts'
import { ACTION_INDEX, type Action } from './action.ts'
import type { Decision, GrantRef } from './decision.ts'
import type { Demand } from './demand.ts'
import { applying, type Standing } from './standing.ts'
import { find, type Node, type Trie } from './trie.ts'

/**
 * Whether one identity may do what an operation demands, at a moment in milliseconds since the epoch.
 *
 * 1. A path belongs to the dataset whose prefix covers it and is the longest, by whole segments.
 * 2. A deny reaches everything below the prefixes of its datasets, nested datasets too. Where one applies, the answer is deny.
 * 3. An allow reaches exactly the paths that belong to its datasets. Where one applies, the answer is allow.
 * 4. A strict ancestor of a granted prefix may be stat-ed and listed, by itself.
 * 5. Otherwise the answer is deny.
 * 6. A grant applies before its expiry, and not at it.
 * 7. The root of a protected dataset is never deleted, renamed or re-permissioned, at it or by a subtree around it.
 * 8. A subtree is allowed where its top is by 3, and nothing below is denied, or in a dataset that lacks the allow.
 * 9. An operation is allowed when each of its demands is; the first that is not decides. No demand at all is denied.
 *
 * The order of grants and datasets never matters. Comparisons are written so that a time that is not a number denies.
 */
export function decide(trie: Trie, demands: readonly Demand[], now: number): Decision {
  let decision: Decision | undefined
  for (const demand of demands) {
    const next = decideDemand(trie, demand, now)
    if (next.effect === 'deny') return next
    decision = decision === undefined ? next : { ...decision, grants: union(decision.grants, next.grants) }
  }
  return decision ?? { effect: 'deny', reason: 'no-grant', grants: [], demand: NO_DEMAND }
}

/** One demand by itself: what `kerbside policy explain` shows line by line. */
export function decideDemand(trie: Trie, demand: Demand, now: number): Decision {
  const { node, exact } = find(trie, demand.path)
  const here = node.here[ACTION_INDEX.get(demand.action) ?? -1]
  if (here === undefined) return answer(demand, node, { effect: 'deny', reason: 'no-grant', grants: [] })
  if (!(now >= here.denies.lastEnd)) {
    return answer(demand, node, { effect: 'deny', reason: 'denied-by-grant', grants: applying(here.denies, now) })
  }
  if (!(now < here.allows.lastEnd)) return withoutAllow({ demand, node, exact, here }, now)
  if (exact && uproots(demand, node)) {
    return answer(demand, node, { effect: 'deny', reason: 'protected-root', grants: [] })
  }
  const refusal = exact && demand.scope !== 'this' ? refusalBelow(demand, node, now) : undefined
  return refusal ?? answer(demand, node, { effect: 'allow', reason: 'granted', grants: applying(here.allows, now) })
}

type Place = { readonly demand: Demand; readonly node: Node; readonly exact: boolean; readonly here: Standing }

/** Neither deny nor allow: an ancestor may still be looked at, and a refusal still has a reason. */
function withoutAllow({ demand, node, exact, here }: Place, now: number): Decision {
  const leads = exact && demand.scope === 'this' && LOOKS.has(demand.action) ? node.leads : undefined
  if (leads !== undefined && now < leads.until) {
    return answer(demand, node, { effect: 'allow', reason: 'ancestor', grants: [leads.ref] })
  }
  if (here.allows.refs.length > 0) {
    return answer(demand, node, { effect: 'deny', reason: 'grant-expired', grants: here.allows.refs })
  }
  return answer(demand, node, { effect: 'deny', reason: node.isGranted ? 'no-grant' : 'no-dataset', grants: [] })
}

/** Why a subtree is refused whose top is allowed: answered from the marks, whatever lies below. */
function refusalBelow(demand: Demand, node: Node, now: number): Decision | undefined {
  const action = ACTION_INDEX.get(demand.action) ?? -1
  const below = node.below[action]
  if (!(now >= (below?.deniedUntil ?? now))) {
    const denies = below?.denied?.here[action]?.denies
    const grants = denies === undefined ? [] : applying(denies, now)
    return answer(demand, below?.denied ?? node, { effect: 'deny', reason: 'denied-by-grant', grants })
  }
  if (now < (below?.allowedUntil ?? now)) return undefined
  return answer(demand, below?.lost ?? node, { effect: 'deny', reason: 'nested-dataset', grants: [] })
}

const LOOKS: ReadonlySet<Action> = new Set<Action>(['stat', 'list'])

/** A rename demands `delete` on the subtree that moves, so it needs no word of its own. */
const UPROOTING: ReadonlySet<Action> = new Set<Action>(['delete', 'setattr', 'acl', 'admin'])

const uproots = (demand: Demand, node: Node): boolean =>
  UPROOTING.has(demand.action) && (node.isProtected || (demand.scope !== 'this' && node.leadsToProtected))

/** Stands in a decision about an operation that demanded nothing, which no operation does. */
const NO_DEMAND: Demand = { action: 'admin', path: ROOT, scope: 'subtree' }

function answer(demand: Demand, node: Node, said: Pick<Decision, 'effect' | 'reason' | 'grants'>): Decision {
  const { dataset } = node
  return dataset === undefined ? { ...said, demand } : { ...said, dataset, demand }
}

const union = (one: readonly GrantRef[], other: readonly GrantRef[]): readonly GrantRef[] => [
  ...new Set([...one, ...other]),
]
