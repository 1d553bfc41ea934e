/** Differences of one identity, each told once at the outermost place that it holds for. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Region } from '../regions.ts'
import { type Atom, atomsOf } from './atoms.ts'
import type { Comparing } from './compare.ts'
import { type Point, pointsOf } from './points.ts'

export type Told = Atom & {
  readonly path: HdfsPath
  /** On the side where the access is or was, that the path belongs to and by. */
  readonly dataset: string | undefined
  readonly prefix: HdfsPath | undefined
  /** Places below, in the same dataset, where it does not hold. */
  readonly except: readonly HdfsPath[]
}

type Draft = Told & { readonly except: HdfsPath[] }

type Sides = { readonly before: readonly Region[]; readonly after: readonly Region[] }

export function tellUpward({ before, after }: Sides, comparing: Comparing, from: number): readonly Told[] {
  const points = pointsOf(before, after)
  const known = new Set(points.map(({ path }) => path))
  const told: Draft[] = []
  /** For each place, the differences that hold there or around it, by what they say. */
  const holding = new Map<HdfsPath, ReadonlyMap<string, Draft>>()
  for (const point of points) {
    const atoms = atomsOf(point, { comparing, from, isPoint: (path) => known.has(path) })
    const above = point.above === undefined ? undefined : holding.get(point.above)
    const here = new Map<string, Draft>()
    for (const atom of atoms) {
      const owner = ownerOf(point, atom)
      const key = keyOf(atom, owner?.dataset)
      const draft = above?.get(key) ?? {
        ...atom,
        path: point.path,
        dataset: owner?.dataset,
        prefix: owner?.prefix,
        except: [],
      }
      if (!above?.has(key)) told.push(draft)
      if (atom.kind === 'access') here.set(key, draft)
    }
    if (!point.isPlace) continue
    for (const [key, draft] of above ?? []) {
      if (here.has(key)) continue
      // In another dataset nothing is said of it, and it may go on in one that lies deeper.
      if (ownerOf(point, draft)?.dataset === draft.dataset) draft.except.push(point.path)
      else here.set(key, draft)
    }
    holding.set(point.path, here)
  }
  return told.filter((one) => one.kind !== 'look' || !leadsToOther(one, told))
}

const ownerOf = (point: Point, { direction }: Atom): Region | undefined =>
  direction === 'lost' ? (point.before ?? point.after) : (point.after ?? point.before)

const keyOf = ({ witness: _witness, ...said }: Atom, dataset: string | undefined): string =>
  JSON.stringify([said.kind, said.direction, said.actions, said.was, said.is, said.causes, dataset])

/** Whoever gains a place gains a look at what is above it: that needs no line of its own. */
function leadsToOther({ path, direction }: Told, told: readonly Told[]): boolean {
  const above = path === '/' ? '/' : `${path}/`
  return told.some(
    (other) =>
      other.kind === 'access' && other.direction === direction && other.path.startsWith(above) && other.path !== path,
  )
}
