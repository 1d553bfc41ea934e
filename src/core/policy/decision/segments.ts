/**
 * The nodes of a trie, one a path segment, in flat arrays: a slice of ten thousand prefixes is a few hundred kilobytes that
 * a decision reads a handful of lines from, and nothing for the garbage collector to walk.
 */
import { type HdfsPath, ROOT, segmentsOf } from '../../hdfs/path.ts'

/** Nodes are numbered from 0, the root, level by level: the children of a node follow one another, and come after it. */
export type Segments = {
  readonly count: number
  /** {@link NODE} words a node, side by side since a decision reads them together; one node more, where the last one ends. */
  readonly nodes: Int32Array
  /** UTF-16 of all segments, one after the other. */
  readonly text: Uint16Array
  /**
   * Open addressing by the hash of parent and segment: a node, and above it some bits of the hash, so that most others
   * are told apart without looking at them. 0 is empty, since nobody looks for the root. An only child is not in it.
   */
  readonly table: Int32Array
}

export const NODE = 4
/** Its first child, which its others follow. They end where the next node's begin. */
const CHILDREN = 0
/** Where its text begins. It ends where the next node's begins. */
const TEXT = 1
/** The list of the grants that reach it. */
export const GRANTS = 2
/** The dataset of the innermost prefix at or above, as an index; -1 outside of all. */
export const DATASET = 3

const SLASH = 47
/** A million nodes: many times what a stream from the broker takes. */
const MOST_NODES = 1 << 20
const NUMBER = MOST_NODES - 1
/** The bits of a hash that an entry keeps. */
export const TAG = ~NUMBER
/** Slots for each entry at the least: fewer would be long ways to an empty one. */
const SLOTS = 4 / 3

type Branch = { readonly segment: string; readonly children: Map<string, Branch> }

/**
 * The nodes of all paths and of their ancestors; `nodeAt[i]` is that of `paths[i]`.
 * @param most as many nodes as there may be
 * @throws RangeError when there are more
 */
export function layOut(
  paths: readonly HdfsPath[],
  most = MOST_NODES,
): {
  readonly segments: Segments
  readonly nodeAt: readonly number[]
} {
  const root: Branch = { segment: '', children: new Map() }
  const branches = paths.map((path) => segmentsOf(path).reduce(grow, root))
  const order = [root]
  for (const { children } of order) for (const child of children.values()) order.push(child)
  const count = order.length
  if (count > most) throw new RangeError(`the prefixes of a slice have more than ${most} segments`)
  const entered = order.reduce((sum, { children: { size } }) => sum + (size > 1 ? size : 0), 0)
  const segments: Segments = {
    count,
    nodes: new Int32Array((count + 1) * NODE),
    text: Uint16Array.from(order.flatMap(({ segment }) => unitsOf(segment))),
    table: new Int32Array(2 ** Math.ceil(Math.log2(entered * SLOTS + 1))),
  }
  const numbers = new Map<Branch, number>()
  let [child, start] = [1, 0]
  for (const [node, branch] of order.entries()) {
    numbers.set(branch, node)
    begins(node)
    for (const { segment } of branch.children.values()) {
      if (branch.children.size > 1) enter(segments.table, child, hashOf(node, segment))
      child += 1
    }
    start += branch.segment.length
  }
  begins(count)
  return { segments, nodeAt: branches.map((branch) => numbers.get(branch) as number) }

  function begins(node: number): void {
    segments.nodes[node * NODE + CHILDREN] = child
    segments.nodes[node * NODE + TEXT] = start
  }
}

function grow({ children }: Branch, segment: string): Branch {
  const known = children.get(segment)
  if (known !== undefined) return known
  const grown = { segment, children: new Map() }
  children.set(segment, grown)
  return grown
}

/** By unit, and not by character, as a string is gone through otherwise: some characters are two units. */
const unitsOf = (text: string): readonly number[] =>
  Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))

/** The first child of a node; that of the next node is where its children end. */
export const childrenOf = ({ nodes }: Segments, node: number): number => nodes[node * NODE + CHILDREN] as number
const textOf = (nodes: Int32Array, node: number): number => nodes[node * NODE + TEXT] as number

/** FNV-1a over the parent and the segment's UTF-16: a start, a step for each unit, and the place in the table. */
const begin = (parent: number): number => Math.imul(parent ^ 0x811c9dc5, 0x01000193)
const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const slotOf = (hash: number, table: Int32Array): number => (hash ^ (hash >>> 15)) & (table.length - 1)

/** Of a parent, and of a path's segment from `start` on. */
export function hashOf(parent: number, path: string, start = 0): number {
  let hash = begin(parent)
  for (let index = start; index < path.length; index += 1) {
    const unit = path.charCodeAt(index)
    if (unit === SLASH) break
    hash = step(hash, unit)
  }
  return hash
}

function enter(table: Int32Array, node: number, hash: number): void {
  let slot = slotOf(hash, table)
  while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1)
  table[slot] = (hash & TAG) | node
}

/**
 * The node of a path, or of its innermost ancestor that has one; the complement (`~node`) in that second case. One pass
 * over the path, which makes no string; a node is taken only where parent and every character are the same.
 */
export function find(segments: Segments, path: HdfsPath): number {
  const { length } = path
  if (length <= 1) return path === ROOT ? 0 : ~0
  const { nodes } = segments
  let node = 0
  for (let start = 1; ; ) {
    const child = childAt(segments, node, path, start)
    if (child === 0) return ~node
    const end = start + textOf(nodes, child + 1) - textOf(nodes, child)
    if (end === length) return child
    node = child
    start = end + 1
  }
}

/** The child of a node by the segment of a path that begins at `start`; 0 when there is none. */
function childAt(segments: Segments, parent: number, path: string, start: number): number {
  const first = childrenOf(segments, parent)
  const end = childrenOf(segments, parent + 1)
  if (end - first <= 1) return first !== end && isNamed(segments, first, path, start) ? first : 0
  const { table } = segments
  const hash = hashOf(parent, path, start)
  for (let slot = slotOf(hash, table); ; slot = (slot + 1) & (table.length - 1)) {
    const entry = table[slot] as number
    if (entry === 0) return 0
    if (((entry ^ hash) & TAG) !== 0) continue
    const child = entry & NUMBER
    if (child >= first && child < end && isNamed(segments, child, path, start)) return child
  }
}

/** Whether the segment of a path that begins at `start` is that of a node, to its end and no further. */
function isNamed({ nodes, text }: Segments, node: number, path: string, start: number): boolean {
  const from = textOf(nodes, node)
  const size = textOf(nodes, node + 1) - from
  const end = start + size
  if (end !== path.length && path.charCodeAt(end) !== SLASH) return false
  let index = 0
  while (index < size && path.charCodeAt(start + index) === text[from + index]) index += 1
  return index === size
}

/** The first child that is as wanted. */
export function childWhere(segments: Segments, node: number, isWanted: (child: number) => boolean): number | undefined {
  for (let child = childrenOf(segments, node); child < childrenOf(segments, node + 1); child += 1) {
    if (isWanted(child)) return child
  }
  return undefined
}
