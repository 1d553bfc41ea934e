/**
 * The nodes of a trie, one a path segment, in flat arrays: a slice of ten thousand prefixes is a few hundred kilobytes that
 * a decision reads a handful of lines from, and nothing for the garbage collector to walk.
 */
import { type HdfsPath, ROOT } from '../hdfs/path.ts'

/** Nodes are numbered from 0, the root; a parent comes before its children. */
export type Segments = {
  readonly count: number
  /** {@link FIELDS} numbers a node, so that what a decision reads of it lies in one line of the cache. */
  readonly nodes: Int32Array
  /** UTF-16 of all segments, one after the other. */
  readonly text: Uint16Array
  /** Open addressing by the hash of parent and segment; 0 is empty, since nobody looks for the root. */
  readonly table: Int32Array
}

export const FIELDS = 8
const PARENT = 0
const START = 1
const END = 2
const FIRST_CHILD = 3
const NEXT_SIBLING = 4
/** From here on to the end of a node's numbers: room for what else is known of it. */
export const ROOM = 5
const NONE = -1
const SLASH = 47

/** The nodes of all paths and of their ancestors; `nodeAt[i]` is that of `paths[i]`. */
export function layOut(paths: readonly HdfsPath[]): {
  readonly segments: Segments
  readonly nodeAt: readonly number[]
} {
  const nodes: number[] = [NONE, 0, 0, NONE, NONE, 0, 0, 0]
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
  const segments: Segments = {
    count,
    nodes: Int32Array.from(nodes),
    text: Uint16Array.from(text),
    table: new Int32Array(2 ** Math.ceil(Math.log2(count * 2 + 1))),
  }
  for (let node = 1; node < count; node += 1) enter(segments, node)
  return { segments, nodeAt }

  function add(parent: number, segment: string): number {
    const node = children.length
    const start = text.length
    for (let index = 0; index < segment.length; index += 1) text.push(segment.charCodeAt(index))
    nodes.push(parent, start, text.length, NONE, nodes[parent * FIELDS + FIRST_CHILD] ?? NONE, 0, 0, 0)
    nodes[parent * FIELDS + FIRST_CHILD] = node
    children[parent]?.set(segment, node)
    children.push(new Map())
    return node
  }
}

/** FNV-1a over the parent and the segment's UTF-16: a start, a step for each unit, and the place in the table. */
const begin = (parent: number): number => Math.imul(parent ^ 0x811c9dc5, 0x01000193)
const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const slotOf = (hash: number, table: Int32Array): number => (hash ^ (hash >>> 15)) & (table.length - 1)

function enter({ nodes, text, table }: Segments, node: number): void {
  const at = node * FIELDS
  let hash = begin(nodes[at + PARENT] as number)
  for (let index = nodes[at + START] as number; index < (nodes[at + END] as number); index += 1) {
    hash = step(hash, text[index] as number)
  }
  let slot = slotOf(hash, table)
  while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1)
  table[slot] = node
}

/**
 * The node of a path, or of its innermost ancestor that has one; the complement (`~node`) in that second case. One pass
 * over the path, which makes no string; a node is taken only where parent and every character are the same.
 */
export function find(segments: Segments, path: HdfsPath): number {
  const { table } = segments
  const { length } = path
  if (length <= 1) return path === ROOT ? 0 : ~0
  let node = 0
  let start = 1
  let hash = begin(node)
  for (let index = 1; index <= length; index += 1) {
    const unit = index === length ? SLASH : path.charCodeAt(index)
    if (unit !== SLASH) {
      hash = step(hash, unit)
      continue
    }
    let slot = slotOf(hash, table)
    let child = table[slot] as number
    while (child !== 0 && !isSegment(segments, child, node, path, start, index)) {
      slot = (slot + 1) & (table.length - 1)
      child = table[slot] as number
    }
    if (child === 0) return ~node
    node = child
    start = index + 1
    hash = begin(node)
  }
  return node
}

function isSegment(
  { nodes, text }: Segments,
  node: number,
  parent: number,
  path: string,
  start: number,
  end: number,
): boolean {
  const at = node * FIELDS
  const from = nodes[at + START] as number
  if (nodes[at + PARENT] !== parent || (nodes[at + END] as number) - from !== end - start) return false
  for (let index = start; index < end; index += 1) {
    if (path.charCodeAt(index) !== text[from + index - start]) return false
  }
  return true
}

export const parentOf = ({ nodes }: Segments, node: number): number => nodes[node * FIELDS + PARENT] as number

/** The first child that is as wanted, the last laid out coming first. */
export function childWhere(
  { nodes }: Segments,
  node: number,
  isWanted: (child: number) => boolean,
): number | undefined {
  let child = nodes[node * FIELDS + FIRST_CHILD] as number
  while (child !== NONE) {
    if (isWanted(child)) return child
    child = nodes[child * FIELDS + NEXT_SIBLING] as number
  }
  return undefined
}
