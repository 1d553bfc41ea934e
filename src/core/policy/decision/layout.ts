/** What of a slice does not move with time, laid out once: the nodes, and at each its dataset and the grants that reach it. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Mode, Slice, SliceGrant, SlicePlace } from '../slice.ts'
import { type Entry, entryOf, type GrantLists, indexOf, ListsOfGrants } from './grant-lists.ts'
import type { Timed } from './in-force.ts'
import type { Limits } from './limits.ts'
import { maskOf } from './mask.ts'
import { childrenOf, DATASET, GRANTS, layOut, NODE, type Segments } from './segments.ts'

export type Layout = {
  readonly segments: Segments
  readonly lists: GrantLists
  /** For each node, whether it is the root of something protected. */
  readonly protectedAt: Uint8Array
  /** Of the dataset of each prefix. */
  readonly names: readonly string[]
  /** For each of those, {@link ENFORCED} and {@link IN_SHADOW}: whether an allow is on it, for whatever place, action and moment. */
  readonly granted: Uint8Array
  /** Of those that have some. */
  readonly limits: ReadonlyMap<number, Limits>
  /** Of each grant its name, and where it is written. */
  readonly refs: readonly string[]
  /** Of each grant. */
  readonly masks: Uint16Array
  /** Of the grants that are not always in force, by their index. */
  readonly timed: ReadonlyMap<number, Timed>
}

export const ENFORCED = 1
export const IN_SHADOW = 2

/** @param slice as `compile` or `readSlice` gives it: paths canonical, each once, indexes in range */
export function layOutSlice({ places, grants }: Slice): Layout {
  const { segments, nodeAt } = layOut(places.map(({ path }) => path as HdfsPath))
  const { nodes, count } = segments
  const placeAt = new Map(nodeAt.map((node, index) => [node, places[index]]))
  const protectedAt = new Uint8Array(count)
  const lists = new ListsOfGrants()
  const roots: SlicePlace[] = []
  const settle = (node: number, dataset: number, around: readonly Entry[]): void => {
    const place = placeAt.get(node)
    protectedAt[node] = place?.protect === true ? 1 : 0
    nodes[node * NODE + DATASET] = place?.dataset === undefined ? dataset : roots.push(place) - 1
    nodes[node * NODE + GRANTS] = lists.add(reaching(place, around, grants))
  }
  settle(0, -1, [])
  for (let node = 0; node < count; node += 1) {
    const around = lists.get(nodes[node * NODE + GRANTS] as number)
    for (let child = childrenOf(segments, node); child < childrenOf(segments, node + 1); child += 1) {
      settle(child, nodes[node * NODE + DATASET] as number, around)
    }
  }
  const grantedIn = (mode: Mode) => {
    const isAllow = (index: number) => grants[index]?.effect === 'allow' && grants[index].mode === mode
    const begun = nodeAt.filter((_, index) => places[index]?.grants.some(isAllow))
    return new Set(begun.map((node) => roots[nodes[node * NODE + DATASET] as number]?.dataset))
  }
  const [enforced, inShadow] = [grantedIn('enforce'), grantedIn('shadow')]
  return {
    segments,
    lists: lists.pack(),
    protectedAt,
    names: roots.map(({ dataset = '' }) => dataset),
    granted: Uint8Array.from(roots, ({ dataset }) => {
      return (enforced.has(dataset) ? ENFORCED : 0) | (inShadow.has(dataset) ? IN_SHADOW : 0)
    }),
    limits: new Map(roots.flatMap(({ limits }, index) => (limits === undefined ? [] : [[index, limits]]))),
    // Copied to its very length: what flatMap gives has room to grow.
    refs: grants.flatMap(({ name, at }) => [name, at]).slice(),
    masks: Uint16Array.from(grants, maskOf),
    timed: new Map(grants.flatMap((grant, index) => (isTimed(grant) ? [[index, timeOf(grant)]] : []))),
  }
}

/** An allow ends where another prefix begins; a deny reaches on. */
function reaching(
  place: SlicePlace | undefined,
  around: readonly Entry[],
  grants: readonly SliceGrant[],
): readonly Entry[] {
  const isPrefix = place?.dataset !== undefined
  const reachOn = around.map(indexOf).filter((index) => !isPrefix || grants[index]?.effect === 'deny')
  const begin = new Set(place?.grants)
  const all = [...new Set([...reachOn, ...begin])].sort((one, other) => one - other)
  return all.map((index) => entryOf(index, begin.has(index)))
}

const isTimed = ({ startsAt, expiresAt, during }: SliceGrant): boolean =>
  startsAt !== undefined || expiresAt !== undefined || during !== undefined

const timeOf = ({ name: _name, at: _at, mode: _mode, actions: _actions, ...timed }: SliceGrant): Timed => timed
