/** Which allows stand behind an allowed demand: all of them, since a decision names only those at its top. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Bundle, Grant } from '../bundle.ts'
import type { Demand } from '../decision/demand.ts'
import { isInForce } from '../decision/in-force.ts'
import { pertains } from '../decision/pod-condition.ts'
import { ancestorsOf, placesOf } from '../places.ts'
import { type Region, regionsOf } from '../regions.ts'

/** For one identity in one namespace. */
export type Ground = {
  /** Allows of the action in force where the demand points; for a subtree, in every place below, too. */
  behind(demand: Demand, now: number): readonly Grant[]
  /**
   * Allows in force that begin strictly below: any one of them makes the path an ancestor. Where one of them is for every
   * pod, it is one of those, since a pod may have no label; where all ask for labels, each may be the only one of a pod.
   */
  ledTo(path: HdfsPath, now: number): readonly (readonly Grant[])[]
}

/** @param bundle as `assumingLabels` gives it: what may be behind a demand with some labels of the pod counts */
export function groundOf(
  bundle: Bundle,
  identity: Identity,
  {
    namespace,
    forLabels,
  }: { readonly namespace: string /** Names of grants. */; readonly forLabels: ReadonlySet<string> },
): Ground {
  const enforced = bundle.grants.filter((grant) => grant.mode === 'enforce' && pertains(grant, { namespace }))
  const own = { ...bundle, grants: enforced }
  const regions = regionsOf(own, identity)
  const byPath = new Map(regions.map((region) => [region.path, region]))
  const { places } = placesOf(own, identity)

  const around = (path: HdfsPath): Region | undefined =>
    byPath.get(path) ?? byPath.get(ancestorsOf(path).findLast((ancestor) => byPath.has(ancestor)) ?? path)

  return {
    behind({ action, path, scope }, now) {
      const top = around(path)
      const reached = [
        ...(top === undefined ? [] : [top]),
        ...(scope === 'subtree' ? strictlyBelow(regions, path) : []),
      ]
      const allows = reached.flatMap((region) => region.allows)
      return [...new Set(allows)].filter((grant) => grant.actions.includes(action) && isInForce(grant, now))
    },
    ledTo(path, now) {
      const begin = strictlyBelow(places, path).flatMap(({ grants }) => grants)
      const allows = [...new Set(begin)].filter((grant) => grant.effect === 'allow' && isInForce(grant, now))
      const forAll = allows.filter(({ name }) => !forLabels.has(name))
      const forSome = allows.filter(({ name }) => forLabels.has(name))
      return forAll.length > 0 ? [forAll] : forSome.map((grant) => [grant])
    },
  }
}

/** Of things sorted by path. Those that begin with a text stand together. */
function strictlyBelow<T extends { readonly path: HdfsPath }>(sorted: readonly T[], path: HdfsPath): readonly T[] {
  const prefix = path === '/' ? '/' : `${path}/`
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.path ?? '') <= prefix) low = middle + 1
    else high = middle
  }
  let end = low
  while (sorted[end]?.path.startsWith(prefix)) end += 1
  return sorted.slice(low, end)
}
