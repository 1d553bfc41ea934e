/** Cuts one identity's slice out of a bundle. Deterministic: the same bundle gives the same slice, byte for byte. */
import { ROOT } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import type { Bundle, Dataset, Grant } from './bundle.ts'
import type { Slice, SliceGrant, SlicePrefix } from './slice.ts'

/**
 * The slice of an identity; undefined when the bundle has none of that name. It holds every prefix of the datasets that
 * the identity has a grant on, and every prefix of its cluster below those: a subtree must know what cuts it short.
 */
export function compile(bundle: Bundle, identityName: string): Slice | undefined {
  const identity = bundle.identities.get(identityName)
  const cluster = identity === undefined ? undefined : bundle.clusters.get(identity.cluster)
  if (identity === undefined || cluster === undefined) return undefined
  const datasets = [...bundle.datasets.values()].filter((dataset) => dataset.cluster === cluster.name)
  const here = new Set(datasets.map(({ name }) => name))
  const grants = bundle.grants.filter(
    (grant) => isFor(grant, identity) && grant.datasets.some((name) => here.has(name)),
  )
  return {
    format: 1,
    bundle: bundle.hash,
    identity: identity.name,
    team: identity.team,
    principal: identity.principal,
    secret: identity.secret,
    home: identity.home,
    cluster,
    grants: grants.map(toSliceGrant),
    prefixes: prefixesFor(datasets, grants),
  }
}

const isFor = (grant: Grant, identity: Identity): boolean =>
  grant.teams.includes(identity.team) || grant.identities.includes(identity.name)

const toSliceGrant = ({ name, at, effect, actions, expiresAt }: Grant): SliceGrant => ({
  name,
  at,
  effect,
  actions,
  ...(expiresAt === undefined ? {} : { expiresAt }),
})

function prefixesFor(datasets: readonly Dataset[], grants: readonly Grant[]): readonly SlicePrefix[] {
  const grantsOn = new Map<string, number[]>()
  for (const [index, grant] of grants.entries()) {
    for (const name of new Set(grant.datasets)) grantsOn.set(name, [...(grantsOn.get(name) ?? []), index])
  }
  const granted = new Set(datasets.flatMap(({ name, prefixes }) => (grantsOn.has(name) ? prefixes : [])) as string[])
  const prefixes = datasets.flatMap(({ name, protect, prefixes: paths }) =>
    paths
      .filter((path) => grantsOn.has(name) || ancestorsOf(path).some((ancestor) => granted.has(ancestor)))
      .map((path) => ({ path, dataset: name, protect, grants: grantsOn.get(name) ?? [] })),
  )
  return prefixes.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0))
}

/** Strict ancestors of a canonical path, `/` first; none of `/` itself. */
function ancestorsOf(path: string): readonly string[] {
  if (path === ROOT) return []
  const ancestors: string[] = [ROOT]
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) ancestors.push(path.slice(0, end))
  return ancestors
}
