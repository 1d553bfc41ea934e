/** A slice made ready to decide: one node a path segment, each with marks that answer for it and for all below it. */
import { type HdfsPath, ROOT } from '../hdfs/path.ts'
import { ACTIONS } from './action.ts'
import type { Slice, SlicePrefix } from './slice.ts'
import {
  ALL_BARE,
  BARE,
  FOREVER,
  NEVER,
  type Standing,
  type Standings,
  standingsOf,
  type TimedGrant,
  within,
} from './standing.ts'

/** How one action stands strictly below a node. Only expiry moves with time, so two moments say all. */
export type Below = {
  /** Until then some place below is denied: the longest deny, and where. */
  readonly deniedUntil: number
  readonly denied: Node | undefined
  /** Until then every place below is allowed: the place that loses its allow first, or never had one. */
  readonly allowedUntil: number
  readonly lost: Node | undefined
}

export type Node = {
  readonly children: ReadonlyMap<string, Node>
  /** Dataset of the innermost prefix at or above. */
  readonly dataset: string | undefined
  /** Whether the innermost dataset has an allow for this identity, for whatever action and time. */
  readonly isGranted: boolean
  /** Whether this very node is the root of a protected dataset. */
  readonly isProtected: boolean
  /** Whether the root of a protected dataset lies strictly below. */
  readonly leadsToProtected: boolean
  /** The allow strictly below that lasts longest: until then this node is an ancestor that may be looked at. */
  readonly leads: TimedGrant | undefined
  readonly here: Standings
  /** One for each action, in the order of {@link ACTIONS}. */
  readonly below: readonly Below[]
}

export type Trie = { readonly root: Node }

const CLEAR: Below = { deniedUntil: NEVER, denied: undefined, allowedUntil: FOREVER, lost: undefined }
const ALL_CLEAR: readonly Below[] = ACTIONS.map(() => CLEAR)

/** The trie of a slice that `compile` or `readSlice` gave: its paths are canonical and its indexes in range. */
export function buildTrie(slice: Slice): Trie {
  const root: Draft = { children: new Map(), prefix: undefined }
  for (const prefix of slice.prefixes) insert(root, prefix)
  return { root: mark(root, undefined, standingsOf(slice.grants)) }
}

/** The node of a path, or of its innermost ancestor that has one; `exact` says which. One map lookup a segment. */
export function find(trie: Trie, path: HdfsPath): { readonly node: Node; readonly exact: boolean } {
  let node = trie.root
  if (path === ROOT) return { node, exact: true }
  for (let start = 1; ; ) {
    const end = path.indexOf('/', start)
    const child = node.children.get(end < 0 ? path.slice(start) : path.slice(start, end))
    if (child === undefined) return { node, exact: false }
    node = child
    if (end < 0) return { node, exact: true }
    start = end + 1
  }
}

type Draft = { readonly children: Map<string, Draft>; prefix: SlicePrefix | undefined }

function insert(root: Draft, prefix: SlicePrefix): void {
  let draft = root
  for (const segment of prefix.path === ROOT ? [] : prefix.path.slice(1).split('/')) {
    const child = draft.children.get(segment) ?? { children: new Map(), prefix: undefined }
    draft.children.set(segment, child)
    draft = child
  }
  draft.prefix = prefix
}

/** A draft and all below it, marked. `outer` is the parent, marked but for what lies below it. */
function mark(draft: Draft, outer: Node | undefined, standingsAt: (prefix: SlicePrefix) => Standings): Node {
  const { prefix } = draft
  const own = prefix === undefined ? undefined : standingsAt(prefix)
  const around = outer?.here ?? ALL_BARE
  const self: Node = {
    children: NO_CHILDREN,
    dataset: prefix?.dataset ?? outer?.dataset,
    isGranted: own === undefined ? (outer?.isGranted ?? false) : own.some(({ allows }) => allows.grants.length > 0),
    isProtected: prefix?.protect ?? false,
    leadsToProtected: false,
    leads: undefined,
    here: own === undefined ? around : within(own, around),
    below: ALL_CLEAR,
  }
  if (draft.children.size === 0) return self
  const children = new Map<string, Node>()
  for (const [segment, child] of draft.children) children.set(segment, mark(child, self, standingsAt))
  const prefixes = [...children].flatMap(([segment, child]) => (draft.children.get(segment)?.prefix ? [child] : []))
  return { ...self, children, ...sumOf([...children.values()], prefixes) }
}

const NO_CHILDREN: ReadonlyMap<string, Node> = new Map()

/** What children, of which some are prefixes themselves, say about everything strictly below their parent. */
function sumOf(children: readonly Node[], prefixes: readonly Node[]): Partial<Node> {
  const below = ACTIONS.map((_, action) => {
    const itself = prefixes.map((node) => asBelow(node, node.here[action] ?? BARE))
    const deeper = children.map((child) => child.below[action] ?? CLEAR)
    return [...itself, ...deeper].reduce(worse, CLEAR)
  })
  const allows = prefixes.flatMap((node) => node.here.flatMap(({ allows }) => allows.grants))
  const leads = [...allows, ...children.flatMap((child) => child.leads ?? [])]
  return {
    below,
    leadsToProtected: children.some((child) => child.isProtected || child.leadsToProtected),
    leads: leads.reduce<TimedGrant | undefined>(
      (best, next) => (best && best.until >= next.until ? best : next),
      undefined,
    ),
  }
}

const asBelow = (node: Node, { denies, allows }: Standing): Below => ({
  deniedUntil: denies.lastEnd,
  denied: node,
  allowedUntil: allows.lastEnd,
  lost: node,
})

/** Of equals the first: the outer place, which is where a deny is written. */
function worse(one: Below, other: Below): Below {
  const { deniedUntil, denied } = other.deniedUntil > one.deniedUntil ? other : one
  const { allowedUntil, lost } = other.allowedUntil < one.allowedUntil ? other : one
  return { deniedUntil, denied, allowedUntil, lost }
}
