/** Checks of Kerberos realms: of those that a cluster trusts, and that every principal is of one of them. */
import { realmOf } from '../../kerberos/realm-path.ts'
import { nearest } from '../../nearest.ts'
import { show } from './complaints.ts'
import type { Of } from './link.ts'
import { didYouMean, type Problem } from './problem.ts'

/** Each realm once, and from each a way to the one of the cluster. */
export function trustsOfCluster({ spec, source }: Of<'HadoopCluster'>): readonly Problem[] {
  const { realm: home, realms = [] } = spec
  const names = realms.map(({ realm }) => realm)
  return realms.flatMap(({ realm, via }, index) => {
    const problem = (field: string, message: string, more: { readonly hint?: string } = {}): readonly Problem[] => [
      { ...source.place(['spec', 'realms', index, field]), message, ...more },
    ]
    if (realm === home || names.indexOf(realm) < index) return problem('realm', `realm ${show(realm)} is there twice`)
    if (via === undefined) return []
    if (via === home) {
      return problem('via', `${show(via)} is the realm of the cluster itself`, { hint: 'leave `via` out' })
    }
    if (!names.includes(via)) {
      return problem('via', `no realm in \`realms\` is called ${show(via)}`, didYouMean(nearest(via, names)))
    }
    return leadsHome(realm, spec) ? [] : problem('via', `the way from realm ${show(realm)} leads in a circle`)
  })
}

function leadsHome(from: string, { realms = [] }: Of<'HadoopCluster'>['spec']): boolean {
  const next = new Map(realms.map(({ realm, via }) => [realm, via]))
  let at: string | undefined = from
  for (let steps = 0; at !== undefined && steps <= realms.length; steps++) at = next.get(at)
  return at === undefined
}

/** A sidecar asks the KDCs of its cluster, which are those of its realm and of the ones it trusts. */
export function foreignRealms(
  identities: readonly Of<'Identity'>[],
  clusters: readonly Of<'HadoopCluster'>[],
): readonly Problem[] {
  const known = new Map(clusters.map(({ metadata, spec }) => [metadata.name, realmsOf(spec)]))
  return identities.flatMap(({ spec, source }) => {
    const realms = known.get(spec.cluster)
    if (realms === undefined || realms.includes(realmOf(spec.principal))) return []
    const has = realms.map(show).join(' or ')
    const message = `principal ${show(spec.principal)} is not of realm ${has}, which cluster ${show(spec.cluster)} has`
    const hint = 'a realm that it trusts stands in `realms` of the HadoopCluster, with its KDCs'
    return [{ ...source.place(['spec', 'principal']), message, hint }]
  })
}

const realmsOf = ({ realm, realms = [] }: Of<'HadoopCluster'>['spec']): readonly string[] => [
  realm,
  ...realms.map((trusted) => trusted.realm),
]
