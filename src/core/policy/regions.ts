/** What one identity may do where, with time and pod left open: what the desk reads instead of asking path by path. */
import type { HdfsPath } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import type { Bundle, Grant } from './bundle.ts'
import { ancestorsOf, placesOf } from './places.ts'

/**
 * The paths at or below a place, and not at or below a deeper one. All of them are alike to this identity: whatever is
 * asked of one has the same answer as of another, but for what a subtree holds.
 */
export type Region = {
  readonly path: HdfsPath
  readonly dataset: string
  /** The prefix that its paths belong by. */
  readonly prefix: HdfsPath
  /** Whether the place itself may never be deleted, renamed or re-permissioned. */
  readonly isProtected: boolean
  /** Grants that reach it, whatever they ask of time and pod, in whichever mode. */
  readonly allows: readonly Grant[]
  readonly denies: readonly Grant[]
  /** Of the allows, those that begin at its path, and so let the directories above it be seen. */
  readonly begins: readonly Grant[]
}

/** Sorted by path. */
export function regionsOf(bundle: Bundle, identity: Identity): readonly Region[] {
  const regions = new Map<HdfsPath, Region>()
  for (const { path, dataset, protect, grants } of placesOf(bundle, identity).places) {
    const around = regions.get(ancestorsOf(path).findLast((ancestor) => regions.has(ancestor)) ?? path)
    const name = dataset ?? around?.dataset
    if (name === undefined) continue
    const reaching = [...(dataset === undefined ? (around?.allows ?? []) : []), ...(around?.denies ?? []), ...grants]
    const distinct = [...new Set(reaching)]
    regions.set(path, {
      path,
      dataset: name,
      prefix: dataset === undefined ? (around?.prefix ?? path) : path,
      isProtected: protect,
      allows: distinct.filter(({ effect }) => effect === 'allow'),
      denies: distinct.filter(({ effect }) => effect === 'deny'),
      begins: grants.filter(({ effect }) => effect === 'allow'),
    })
  }
  return [...regions.values()]
}
