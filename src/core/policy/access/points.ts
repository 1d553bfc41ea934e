/** The paths where what an identity may do can differ between two bundles: the places of both, and what leads to them. */
import type { HdfsPath } from '../../hdfs/path.ts'
import { ancestorsOf } from '../places.ts'
import type { Region } from '../regions.ts'
import { EMPTY, type Pair, type Side } from './compare.ts'
import type { Condition } from './situations.ts'

export type Point = {
  readonly path: HdfsPath
  /** Whether a region begins here on one side at least. Otherwise it only leads to some, and only it itself is meant. */
  readonly isPlace: boolean
  /** The innermost place above. */
  readonly above: HdfsPath | undefined
  readonly before: Region | undefined
  readonly after: Region | undefined
  readonly pair: Pair
}

/** Sorted by path, so that what is above comes first. */
export function pointsOf(before: readonly Region[], after: readonly Region[]): readonly Point[] {
  const sides = [sideOf(before), sideOf(after)] as const
  const places = new Set([...sides[0].regions.keys(), ...sides[1].regions.keys()])
  const paths = new Set([...places, ...sides[0].leading.keys(), ...sides[1].leading.keys()])
  return [...paths].sort().map((path): Point => {
    const around = ancestorsOf(path)
    const [was, is] = [at(sides[0], path, around), at(sides[1], path, around)]
    return {
      path,
      isPlace: places.has(path),
      above: around.findLast((ancestor) => places.has(ancestor)),
      before: was.region,
      after: is.region,
      pair: { before: was.side, after: is.side },
    }
  })
}

type Known = {
  readonly regions: ReadonlyMap<HdfsPath, Region>
  /** For each path, what allows that begin strictly below it ask for. */
  readonly leading: ReadonlyMap<HdfsPath, ReadonlySet<Condition>>
}

function sideOf(regions: readonly Region[]): Known {
  const leading = new Map<HdfsPath, Set<Condition>>()
  for (const { path, begins } of regions) {
    if (begins.length === 0) continue
    const conditions = begins.map(conditionOf)
    for (const ancestor of ancestorsOf(path)) {
      const known = leading.get(ancestor) ?? new Set()
      leading.set(ancestor, known)
      if (known.has(ANYTIME)) continue
      for (const condition of conditions) known.add(condition)
    }
  }
  return { regions: new Map(regions.map((region) => [region.path, region])), leading }
}

/** Where one allow leads there whatever is asked, what others ask makes no difference. */
const ANYTIME: Condition = { effect: 'allow' }

function conditionOf({ startsAt, expiresAt, during, pods }: Condition): Condition {
  if (startsAt === undefined && expiresAt === undefined && during === undefined && pods === undefined) return ANYTIME
  return {
    effect: 'allow',
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(during === undefined ? {} : { during }),
    ...(pods === undefined ? {} : { pods }),
  }
}

function at(
  { regions, leading }: Known,
  path: HdfsPath,
  around: readonly HdfsPath[],
): { readonly region: Region | undefined; readonly side: Side } {
  const innermost = around.findLast((ancestor) => regions.has(ancestor))
  const region = regions.get(path) ?? (innermost === undefined ? undefined : regions.get(innermost))
  const led = leading.get(path) ?? new Set()
  const side = {
    reach: region ?? EMPTY.reach,
    isProtected: region?.path === path && region.isProtected,
    leading: led.has(ANYTIME) ? [ANYTIME] : [...led],
  }
  return { region, side }
}
