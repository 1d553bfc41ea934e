/**
 * A bundle as records meet it: by identity and namespace. A record says the namespace of its pod and not the labels, so
 * there are two policies for each: one that allows whatever is allowed with every labels, and one with some.
 */
import type { Identity } from '../../identity/identity.ts'
import { narrowing } from '../access/grants-for.ts'
import type { Bundle, Grant } from '../bundle.ts'
import { compile, conditionalGrants } from '../compile.ts'
import { type PolicyOver, policyOver } from '../decision/policy-over.ts'

/** The same policy twice when no grant asks for labels. What `least` allows, `most` allows. */
export type Bounds = {
  readonly id: number
  /** Stands for all that no grant tells apart. */
  readonly namespace: string
  readonly least: PolicyOver
  readonly most: PolicyOver
}

/** Undefined when the bundle has no identity of that name. */
export type Policies = (identity: string, namespace: string) => Bounds | undefined

type Known = {
  /** Namespaces that some grant tells from others. */
  readonly named: ReadonlySet<string>
  readonly asksForLabels: boolean
  readonly byNamespace: Map<string, Bounds>
  /** With the grants of the identity and no others: there may be hundreds of identities, and tens of thousands of grants. */
  readonly strict: Bundle
}

/** What a namespace that no grant names is taken for: no namespace is called so. */
const ANY_OTHER = ''

export function policiesOf(bundle: Bundle): Policies {
  const strictOf = narrowing(bundle, true)
  const lenientOf = narrowing(assumingLabels(bundle), true)
  const known = new Map<string, Known>()
  let id = 0

  function knownOf(identity: Identity): Known {
    const before = known.get(identity.name)
    if (before !== undefined) return before
    const strict = strictOf(identity)
    const conditions = conditionalGrants(strict, identity.name).map(({ pods }) => pods)
    const made = {
      named: new Set(conditions.flatMap((pods) => pods?.namespaces ?? [])),
      asksForLabels: conditions.some((pods) => pods?.selector !== undefined),
      byNamespace: new Map(),
      strict,
    }
    known.set(identity.name, made)
    return made
  }

  return (name, namespace) => {
    const identity = bundle.identities.get(name)
    if (identity === undefined) return undefined
    const { named, asksForLabels, byNamespace, strict } = knownOf(identity)
    const place = named.has(namespace) ? namespace : ANY_OTHER
    const before = byNamespace.get(place)
    if (before !== undefined) return before
    const slice = compile(strict, name, { namespace: place })
    if (slice === undefined) return undefined
    const least = policyOver(slice)
    const other = asksForLabels ? compile(lenientOf(identity), name, { namespace: place }) : undefined
    id += 1
    const bounds = { id, namespace: place, least, most: other === undefined ? least : policyOver(other) }
    byNamespace.set(place, bounds)
    return bounds
  }
}

/** Every pod has the labels that an allow asks for, and none that a deny does. Without labels, policy assumes the reverse. */
export function assumingLabels(bundle: Bundle): Bundle {
  return {
    ...bundle,
    grants: bundle.grants.flatMap((grant): readonly Grant[] => {
      const { pods, ...rest } = grant
      if (pods?.selector === undefined) return [grant]
      if (grant.effect === 'deny') return []
      return [pods.namespaces === undefined ? rest : { ...rest, pods: { namespaces: pods.namespaces } }]
    }),
  }
}
