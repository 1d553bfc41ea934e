/** Every grant that has to do with one demand of one identity, and for each whether it applies, or why not: what `explain` draws. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import { formatInstant } from '../../instant.ts'
import type { Bundle, Dataset, Grant } from '../bundle.ts'
import type { Demand } from '../decision/demand.ts'
import { isInForce, isOver } from '../decision/in-force.ts'
import { type PodContext, pertains } from '../decision/pod-condition.ts'
import { formatSelector } from '../decision/selector.ts'
import { formatWindow } from '../decision/window.ts'
import { isFor, under } from '../places.ts'

export type Considered = {
  readonly grant: Grant
  /** Whether it bears on the decision. */
  readonly applies: boolean
  /** What it gives or takes; and where it does not apply, why. */
  readonly why: string
}

export type Asking = { readonly identity: Identity; readonly now: number; readonly pod: PodContext }

/** Grants to this identity on the dataset that a path belongs to, and denies on what lies around it; the ones that apply first. */
export function considered(bundle: Bundle, { identity, now, pod }: Asking, demand: Demand): readonly Considered[] {
  const owner = ownerOf(bundle, identity.cluster, demand.path)
  return bundle.grants
    .filter((grant) => isFor(grant, identity) && concerns(bundle, grant, owner, demand.path))
    .map((grant) => {
      const miss = missOf(grant, owner, { demand, now, pod, bundle })
      const gives = `${grant.effect === 'allow' ? 'allows' : 'denies'} ${grant.actions.length === 13 ? 'everything' : grant.actions.join(', ')}`
      return { grant, applies: miss === undefined, why: miss === undefined ? gives : `${gives}; ${miss}` }
    })
    .sort((one, other) => Number(other.applies) - Number(one.applies))
}

/** The dataset that a path belongs to over all of a cluster, and the prefix that it belongs by. */
export function ownerOf(
  { datasets }: Bundle,
  cluster: string,
  path: HdfsPath,
): { readonly dataset: Dataset; readonly prefix: HdfsPath } | undefined {
  let innermost: { readonly dataset: Dataset; readonly prefix: HdfsPath } | undefined
  for (const dataset of datasets.values()) {
    for (const prefix of dataset.cluster === cluster ? dataset.prefixes : []) {
      if (covers(prefix, path) && prefix.length > (innermost?.prefix.length ?? 0)) innermost = { dataset, prefix }
    }
  }
  return innermost
}

const covers = (top: HdfsPath, path: HdfsPath): boolean => top === '/' || path === top || path.startsWith(`${top}/`)

type Owner = ReturnType<typeof ownerOf>

function concerns(bundle: Bundle, grant: Grant, owner: Owner, path: HdfsPath): boolean {
  if (owner !== undefined && grant.datasets.includes(owner.dataset.name)) return true
  return grant.effect === 'deny' && topsOf(bundle, grant, owner?.dataset.cluster).some((top) => covers(top, path))
}

const topsOf = ({ datasets }: Bundle, grant: Grant, cluster: string | undefined): readonly HdfsPath[] =>
  grant.datasets.flatMap((name) => {
    const dataset = datasets.get(name)
    return dataset?.cluster === cluster ? (dataset?.prefixes.flatMap((prefix) => topsBelow(prefix, grant)) ?? []) : []
  })

const topsBelow = (prefix: HdfsPath, { paths }: Grant): readonly HdfsPath[] =>
  paths.length === 0 ? [prefix] : paths.map((path) => under(prefix, path))

type Question = { readonly demand: Demand; readonly now: number; readonly pod: PodContext; readonly bundle: Bundle }

function missOf(grant: Grant, owner: Owner, { demand, now, pod, bundle }: Question): string | undefined {
  const tops =
    grant.effect === 'deny'
      ? topsOf(bundle, grant, owner?.dataset.cluster)
      : owner === undefined
        ? []
        : topsBelow(owner.prefix, grant)
  if (!tops.some((top) => covers(top, demand.path))) return `only below ${grant.paths.join(', ')}`
  if (!grant.actions.includes(demand.action)) return `not ${demand.action}`
  if (isOver(grant, now)) return `until ${formatInstant(grant.expiresAt ?? 0)}`
  if (!isInForce(grant, now)) {
    return grant.during === undefined || now < (grant.startsAt ?? now)
      ? `from ${formatInstant(grant.startsAt ?? 0)} on`
      : `in the hours ${formatWindow(grant.during)}`
  }
  if (!pertains(grant, pod)) return `for pods ${podsOf(grant)}`
  return grant.mode === 'shadow' ? 'in shadow, so it is only recorded' : undefined
}

/** `in namespace ml-quant, with stage=prod`. */
export function podsOf({ pods }: Pick<Grant, 'pods'>): string {
  const { namespaces, selector } = pods ?? {}
  return [
    ...(namespaces === undefined ? [] : [`in namespace ${namespaces.join(' or ')}`]),
    ...(selector === undefined ? [] : [`with ${formatSelector(selector)}`]),
  ].join(', ')
}
