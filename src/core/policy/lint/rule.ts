/** What a lint rule is, and what it is given: a policy that is valid, and the moment at which it is looked at. */

import type { Identity } from '../../identity/identity.ts'
import type { Bundle, Dataset, Grant } from '../bundle.ts'
import type { Severity } from '../language/findings.ts'
import { type Of, ofKind } from '../language/link.ts'
import type { PolicyDocument } from '../language/read-document.ts'

export type Rule = {
  /** Kebab-case; stays the same from release to release. */
  readonly code: string
  /** A valid policy has no errors. */
  readonly severity: Exclude<Severity, 'error'>
  /** What it finds, for the README and for code scanning. */
  readonly sentence: string
  check(policy: Linted): readonly Found[]
}

export type Found = {
  readonly document: PolicyDocument
  readonly path: readonly PropertyKey[]
  readonly part?: 'key' | 'value'
  readonly message: string
  readonly hint?: string
  /** What may be taken away without widening anything: an item of a list, or the whole document at the empty path. */
  readonly removes?: readonly PropertyKey[]
}

export type LintedGrant = { readonly grant: Grant; readonly document: Of<'Grant'> }

export type Linted = {
  readonly bundle: Bundle
  readonly documents: readonly PolicyDocument[]
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly grants: readonly LintedGrant[]
  readonly identitiesByTeam: ReadonlyMap<string, readonly Identity[]>
}

export function toLinted(bundle: Bundle, documents: readonly PolicyDocument[], now: number): Linted {
  const grants = ofKind(documents, 'Grant').flatMap((document, index) => {
    const grant = bundle.grants[index]
    return grant === undefined ? [] : [{ grant, document }]
  })
  const identitiesByTeam = Map.groupBy(bundle.identities.values(), ({ team }) => team)
  return { bundle, documents, now, grants, identitiesByTeam }
}

export const datasetsOf = remembered(({ datasets }: Bundle, grant): readonly Dataset[] =>
  [...new Set(grant.datasets)].flatMap((name) => datasets.get(name) ?? []),
)

export const clustersOf = remembered(
  (bundle: Bundle, grant): ReadonlySet<string> => new Set(datasetsOf(bundle, grant).map(({ cluster }) => cluster)),
)

/** Identities that a grant can say anything to: its own, in the clusters of its datasets. */
export const subjectsOf = remembered(({ bundle, identitiesByTeam }: Linted, grant): readonly Identity[] => {
  const clusters = clustersOf(bundle, grant)
  const named = grant.identities.flatMap((name) => bundle.identities.get(name) ?? [])
  const all = new Set([...grant.teams.flatMap((team) => identitiesByTeam.get(team) ?? []), ...named])
  return [...all].filter(({ cluster }) => clusters.has(cluster))
})

/** Several rules ask the same of each grant, and there may be tens of thousands. */
function remembered<P extends object, T>(make: (policy: P, grant: Grant) => T): (policy: P, grant: Grant) => T {
  const known = new WeakMap<P, Map<Grant, T>>()
  return (policy, grant) => {
    const ofPolicy = known.get(policy) ?? new Map<Grant, T>()
    known.set(policy, ofPolicy)
    const before = ofPolicy.get(grant)
    if (before !== undefined) return before
    const made = make(policy, grant)
    ofPolicy.set(grant, made)
    return made
  }
}

/** `a, b and c`. */
export const listed = (words: readonly string[]): string => {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
