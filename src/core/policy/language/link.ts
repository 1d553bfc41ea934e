/** Checks across documents: every name once, everything named there, no prefix in two datasets, one realm a cluster. */
import { show } from './complaints.ts'
import type { Kind } from './documents.ts'
import { linkCase } from './link-case.ts'
import { foreignRealms, trustsOfCluster } from './link-realms.ts'
import { wordsOfDelegation, wordsOfGrant, wordsOfIdentity } from './link-words.ts'
import { lineOf, type Problem, type Source } from './problem.ts'
import type { PolicyDocument } from './read-document.ts'
import { wrongNames } from './references.ts'

export type Of<K extends Kind> = Extract<PolicyDocument, { kind: K }>

/** Those of one kind, in their order. Every check asks, and there may be tens of thousands: they are sorted out once. */
export function ofKind<K extends Kind>(documents: readonly PolicyDocument[], kind: K): readonly Of<K>[] {
  const known = sorted.get(documents) ?? Map.groupBy(documents, (document) => document.kind)
  sorted.set(documents, known)
  return (known.get(kind) ?? []) as readonly PolicyDocument[] as readonly Of<K>[]
}

const sorted = new WeakMap<readonly PolicyDocument[], ReadonlyMap<Kind, readonly PolicyDocument[]>>()

/**
 * All problems among documents. `sources` holds the broken ones too: what they declare is not missing. Yields where a pause
 * is possible.
 */
export function* linking(
  documents: readonly PolicyDocument[],
  sources: readonly Source[],
): Generator<undefined, readonly Problem[]> {
  const problems: Problem[] = []
  for (const check of CHECKS) {
    for (const problem of check(documents, sources)) problems.push(problem)
    yield
  }
  return problems
}

type Check = (documents: readonly PolicyDocument[], sources: readonly Source[]) => readonly Problem[]

const CHECKS: readonly Check[] = [
  (_, sources) => wrongNames(sources),
  (documents) =>
    ofKind(documents, 'PolicyTest').flatMap(({ spec, source }) =>
      spec.cases.flatMap((one, index) => linkCase(source, ['spec', 'cases', index], one)),
    ),
  (documents) => ofKind(documents, 'Grant').flatMap(wordsOfGrant),
  (documents) => ofKind(documents, 'Delegation').flatMap(wordsOfDelegation),
  (documents) => ofKind(documents, 'Identity').flatMap(wordsOfIdentity),
  (documents) => ofKind(documents, 'HadoopCluster').flatMap(trustsOfCluster),
  (documents) => ofKind(documents, 'Policy').slice(1).map(secondPolicy),
  (documents) => prefixesInTwo(ofKind(documents, 'Dataset')),
  (documents) => foreignRealms(ofKind(documents, 'Identity'), ofKind(documents, 'HadoopCluster')),
]

const secondPolicy = ({ source }: Of<'Policy'>): Problem => ({
  ...source.place(['kind']),
  message: 'there is a Policy document already, and a bundle has one',
})

/** A path would belong to both. */
function prefixesInTwo(datasets: readonly Of<'Dataset'>[]): readonly Problem[] {
  const known = new Map<
    string,
    { readonly name: string; readonly source: Source; readonly path: readonly PropertyKey[] }
  >()
  return datasets.flatMap(({ metadata: { name }, spec, source }) =>
    spec.prefixes.flatMap((prefix, index) => {
      const path = ['spec', 'prefixes', index]
      const key = `${spec.cluster} ${prefix}`
      const before = known.get(key)
      if (before === undefined) {
        known.set(key, { name, source, path })
        return []
      }
      const where = `dataset ${show(before.name)}, at ${lineOf(before.source.place(before.path))}`
      return [{ ...source.place(path), message: `prefix ${show(prefix)} is already one of ${where}` }]
    }),
  )
}
