/**
 * The nodes of a trie, one a path segment, in flat arrays: a slice of ten thousand prefixes is a few hundred kilobytes that
 * a decision reads a handful of lines from, and nothing for the garbage collector to walk.
 */
import { type HdfsPath, ROOT } from '../../hdfs/path.ts'

/** Nodes are numbered from 0, the root; a parent comes before its children. */
export type Segments = {
  readonly count: number
  /** What a descent reads: of each node its parent, and where its text begins. It ends where the next node's begins. */
  readonly hot: Int32Array
  /** What only a search below reads: of each node its first child, and its next sibling. */
  readonly cold: Int32Array
  /** UTF-16 of all segments, one after the other. */
  readonly text: Uint16Array
  /**
   * Open addressing by the hash of parent and segment: a node, and above it some bits of the hash, so that most others
   * are told apart without looking at them. 0 is empty, since nobody looks for the root.
   */
  readonly table: Int32Array
}

const NONE = -1
const SLASH = 47
/** A million nodes: many times what a stream from the broker takes. */
const MOST_NODES = 1 << 20
const NODE = MOST_NODES - 1
const TAG = ~NODE

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
  const hot: number[] = [NONE, 0]
  const cold: number[] = [NONE, NONE]
  const text: number[] = []
  const children: Map<string, number>[] = [new Map()]
  const nodeAt = paths.map((path) => {
    let node = 0
    for (const segment of path === ROOT ? [] : path.slice(1).split('/')) {
      node = children[node]?.get(segment) ?? add(node, segment)
    }
    return node
  })
  const count = children.length
  if (count > most) throw new RangeError(`the prefixes of a slice have more than ${most} segments`)
  const segments: Segments = {
    count,
    hot: Int32Array.from([...hot, NONE, text.length]),
    cold: Int32Array.from(cold),
    text: Uint16Array.from(text),
    table: new Int32Array(2 ** Math.ceil(Math.log2(count * 2 + 1))),
  }
  for (let node = 1; node < count; node += 1) enter(segments, node)
  return { segments, nodeAt }

  function add(parent: number, segment: string): number {
    const node = children.length
    hot.push(parent, text.length)
    for (let index = 0; index < segment.length; index += 1) text.push(segment.charCodeAt(index))
    cold.push(NONE, cold[parent * 2] ?? NONE)
    cold[parent * 2] = node
    children[parent]?.set(segment, node)
    children.push(new Map())
    return node
  }
}

export const parentOf = ({ hot }: Segments, node: number): number => hot[node * 2] as number
const startOf = (hot: Int32Array, node: number): number => hot[node * 2 + 1] as number

/** FNV-1a over the parent and the segment's UTF-16: a start, a step for each unit, and the place in the table. */
const begin = (parent: number): number => Math.imul(parent ^ 0x811c9dc5, 0x01000193)
const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const slotOf = (hash: number, table: Int32Array): number => (hash ^ (hash >>> 15)) & (table.length - 1)

function enter({ hot, text, table }: Segments, node: number): void {
  let hash = begin(hot[node * 2] as number)
  for (let index = startOf(hot, node); index < startOf(hot, node + 1); index += 1) {
    hash = step(hash, text[index] as number)
  }
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
  let node = 0
  for (let start = 1; ; ) {
    let hash = begin(node)
    let end = start
    for (; end < length; end += 1) {
      const unit = path.charCodeAt(end)
      if (unit === SLASH) break
      hash = step(hash, unit)
    }
    const child = childAt(segments, node, hash, path, start, end)
    if (child === 0) return ~node
    if (end === length) return child
    node = child
    start = end + 1
  }
}

/** The child of a node by a segment of a path; 0 when there is none. */
function childAt(
  { hot, text, table }: Segments,
  parent: number,
  hash: number,
  path: string,
  start: number,
  end: number,
): number {
  for (let slot = slotOf(hash, table); ; slot = (slot + 1) & (table.length - 1)) {
    const entry = table[slot] as number
    if (entry === 0) return 0
    if (((entry ^ hash) & TAG) !== 0) continue
    const child = entry & NODE
    const shift = startOf(hot, child) - start
    if (hot[child * 2] !== parent || startOf(hot, child + 1) - shift !== end) continue
    let index = start
    while (index < end && path.charCodeAt(index) === text[index + shift]) index += 1
    if (index === end) return child
  }
}

/** The first child that is as wanted, the last laid out coming first. */
export function childWhere({ cold }: Segments, node: number, isWanted: (child: number) => boolean): number | undefined {
  for (let child = cold[node * 2] as number; child !== NONE; child = cold[child * 2 + 1] as number) {
    if (isWanted(child)) return child
  }
  return undefined
}
