/** The paths where something changes for an identity: prefixes of datasets, and sub-paths where grants begin. */
import { type HdfsPath, ROOT } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import type { Bundle, Dataset, Grant } from './bundle.ts'
import { type Limits, tighter } from './decision/limits.ts'

export type Place = {
  readonly path: HdfsPath
  /** Present at a prefix of that dataset, absent at a sub-path. */
  readonly dataset?: string
  readonly protect: boolean
  readonly limits?: Limits
  /** Those that begin to apply here. */
  readonly grants: readonly Grant[]
}

export type Places = {
  /** Sorted by path, each once. */
  readonly places: readonly Place[]
  /** All that a place names, in the bundle's order. */
  readonly grants: readonly Grant[]
}

/**
 * Every prefix of the datasets that the identity has a grant on, and every prefix of its cluster below those, since a
 * subtree must know what cuts it short; and inside them the sub-paths that grants and protection name.
 *
 * @param pertains which of the identity's grants to take
 */
export function placesOf(bundle: Bundle, identity: Identity, pertains: (grant: Grant) => boolean = () => true): Places {
  const { roots, below } = rootsOf(bundle, identity.cluster)
  const grantsOn = grantsByDataset(bundle, identity, pertains)
  const clusterLimits = bundle.clusters.get(identity.cluster)?.limits

  const drafts = new Map<HdfsPath, Draft>()
  const granted = [...grantsOn.keys()].flatMap((name) => bundle.datasets.get(name)?.prefixes ?? [])
  for (const prefix of new Set(granted.flatMap((top) => [top, ...(below.get(top) ?? [])]))) {
    const dataset = roots.get(prefix)
    if (dataset === undefined) continue
    const draft = at(drafts, prefix)
    draft.dataset = dataset.name
    draft.protect = dataset.protect
    draft.limits = tighter(dataset.limits, clusterLimits)
    for (const path of dataset.protectedPaths) {
      const top = under(prefix, path)
      if (owningPrefix(top, roots) === prefix) at(drafts, top).protect = true
    }
    for (const grant of grantsOn.get(dataset.name) ?? []) begin(grant, prefix)
  }

  /** An allow with sub-paths counts them from the prefix that a path belongs by; a deny reaches into whatever lies there. */
  function begin(grant: Grant, prefix: HdfsPath): void {
    if (grant.paths.length === 0) at(drafts, prefix).grants.add(grant)
    for (const path of grant.paths) {
      const top = under(prefix, path)
      if (grant.effect === 'deny' || owningPrefix(top, roots) === prefix) at(drafts, top).grants.add(grant)
    }
  }

  const named = new Set([...drafts.values()].flatMap(({ grants }) => [...grants]))
  const grants = bundle.grants.filter((grant) => named.has(grant))
  const order = new Map(grants.map((grant, index) => [grant, index]))
  return {
    grants,
    places: [...drafts]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, draft]) => toPlace(path, draft, order)),
  }
}

type Roots = {
  /** Datasets of one cluster, by prefix. */
  readonly roots: ReadonlyMap<HdfsPath, Dataset>
  /** For each prefix that others lie below, those others. */
  readonly below: ReadonlyMap<HdfsPath, readonly HdfsPath[]>
}

/** The same for all identities of a cluster, and large: a bundle's are kept as long as it is. */
const known = new WeakMap<Bundle['datasets'], Map<string, Roots>>()

function rootsOf({ datasets }: Bundle, cluster: string): Roots {
  const ofBundle = known.get(datasets) ?? new Map<string, Roots>()
  known.set(datasets, ofBundle)
  const before = ofBundle.get(cluster)
  if (before !== undefined) return before
  const here = [...datasets.values()].filter((dataset) => dataset.cluster === cluster)
  const roots = new Map(here.flatMap((dataset) => dataset.prefixes.map((prefix) => [prefix, dataset] as const)))
  const below = new Map<HdfsPath, HdfsPath[]>()
  for (const prefix of roots.keys()) {
    for (const ancestor of ancestorsOf(prefix)) {
      if (!roots.has(ancestor)) continue
      const others = below.get(ancestor)
      if (others === undefined) below.set(ancestor, [prefix])
      else others.push(prefix)
    }
  }
  ofBundle.set(cluster, { roots, below })
  return { roots, below }
}

type Draft = { dataset: string | undefined; protect: boolean; limits: Limits | undefined; readonly grants: Set<Grant> }

function at(drafts: Map<HdfsPath, Draft>, path: HdfsPath): Draft {
  const known = drafts.get(path)
  if (known !== undefined) return known
  const made: Draft = { dataset: undefined, protect: false, limits: undefined, grants: new Set() }
  drafts.set(path, made)
  return made
}

function toPlace(
  path: HdfsPath,
  { dataset, protect, limits, grants }: Draft,
  order: ReadonlyMap<Grant, number>,
): Place {
  return {
    path,
    ...(dataset === undefined ? {} : { dataset }),
    protect,
    ...(limits === undefined ? {} : { limits }),
    grants: [...grants].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0)),
  }
}

export const isFor = (grant: Grant, identity: Identity): boolean =>
  grant.teams.includes(identity.team) || grant.identities.includes(identity.name)

function grantsByDataset(
  { grants, datasets }: Bundle,
  identity: Identity,
  pertains: (grant: Grant) => boolean,
): ReadonlyMap<string, Grant[]> {
  const found = new Map<string, Grant[]>()
  for (const grant of grants) {
    if (!isFor(grant, identity) || !pertains(grant)) continue
    for (const name of new Set(grant.datasets)) {
      if (datasets.get(name)?.cluster !== identity.cluster) continue
      const known = found.get(name)
      if (known === undefined) found.set(name, [grant])
      else known.push(grant)
    }
  }
  return found
}

/** `under('/data/market', 'raw/2026')` is `/data/market/raw/2026`. Sub-paths are canonical without a slash before them. */
export const under = (prefix: HdfsPath, path: string): HdfsPath =>
  `${prefix === ROOT ? '' : prefix}/${path}` as HdfsPath

/** The longest of the prefixes that is at or above a path. */
export function owningPrefix(path: HdfsPath, prefixes: { has(prefix: HdfsPath): boolean }): HdfsPath | undefined {
  if (prefixes.has(path)) return path
  return ancestorsOf(path).findLast((ancestor) => prefixes.has(ancestor))
}

/** Strict ancestors of a canonical path, `/` first; none of `/` itself. */
export function ancestorsOf(path: HdfsPath): readonly HdfsPath[] {
  if (path === ROOT) return []
  const ancestors: HdfsPath[] = [ROOT]
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    ancestors.push(path.slice(0, end) as HdfsPath)
  }
  return ancestors
}
