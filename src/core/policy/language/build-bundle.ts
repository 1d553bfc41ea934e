/** Documents in, a policy bundle out; or everything that is wrong with them, and no bundle at all. */
import { atOnce } from '../../at-once.ts'
import type { Bundle, Dataset, Grant } from '../bundle.ts'
import { linking, ofKind } from './link.ts'
import { inFileOrder, type Problem, type Source } from './problem.ts'
import { type PolicyDocument, readDocument } from './read-document.ts'
import { choosing, spelling, toCases, toCluster, toDataset, toDelegation, toGrant, toIdentity } from './values.ts'

/** Hex digits of SHA-256 over the UTF-8 of a text: given, since nothing here does I/O or cryptography. */
export type Sha256 = (text: string) => string

/** The documents are those that the bundle was made from, for whoever has more to say about them. */
export type Built = { readonly bundle: Bundle; readonly documents: readonly PolicyDocument[] }
export type BundleResult = Built | { readonly problems: readonly Problem[] }

/** @param sources every document of the directory, in file order */
export const buildBundle = (sources: readonly Source[], sha256: Sha256): BundleResult =>
  atOnce(buildingBundle(sources, { sha256 }))

type Building = {
  readonly sha256: Sha256
  /** Whether the hash is made on the way; it is made at a stretch when it is first asked for, otherwise. */
  readonly isHashed?: boolean
  /** A bundle that was made of other sources, and of some that are the same: what those are is not found out again. */
  readonly like?: Built
}

/** As {@link buildBundle}; yields where a pause is possible. */
export function* buildingBundle(
  sources: readonly Source[],
  { sha256, isHashed = false, like }: Building,
): Generator<undefined, BundleResult> {
  const known = madeFor(like)
  const read = yield* each(sources, (source) => known.documents.get(source) ?? readDocument(source))
  const documents = read.filter((one): one is PolicyDocument => 'kind' in one)
  const alone = documents.length === read.length ? [] : read.flatMap((one) => ('kind' in one ? [] : one))
  const problems = [...alone, ...(yield* linking(documents, sources))]
  if (problems.length > 0) return { problems: inFileOrder(problems) }
  const datasets = yield* each(
    ofKind(documents, 'Dataset'),
    (dataset) => known.datasets.get(dataset) ?? toDataset(dataset),
  )
  const making = { choose: choosing(datasets), spell: spelling() }
  const grants = yield* each(ofKind(documents, 'Grant'), (grant) => known.grants.get(grant) ?? toGrant(grant, making))
  const hashOf = (lines: readonly string[]): string => `sha256:${sha256(textOf(lines))}`
  let hash = isHashed ? hashOf(yield* each(documents, lineOf)) : undefined
  return {
    documents,
    bundle: {
      // Not everybody who asks about a policy asks which one it is.
      get hash() {
        hash ??= hashOf(documents.map(lineOf))
        return hash
      },
      mode: ofKind(documents, 'Policy')[0]?.spec.mode ?? 'enforce',
      clusters: byName(ofKind(documents, 'HadoopCluster').map(toCluster)),
      identities: byName(ofKind(documents, 'Identity').map(toIdentity)),
      datasets: byName(datasets),
      grants,
      delegations: ofKind(documents, 'Delegation').map((delegation) => toDelegation(delegation, datasets)),
      tests: ofKind(documents, 'PolicyTest').flatMap(toCases),
    },
  }
}

type Made = {
  readonly documents: ReadonlyMap<Source, PolicyDocument>
  readonly datasets: ReadonlyMap<PolicyDocument, Dataset>
  readonly grants: ReadonlyMap<PolicyDocument, Grant>
}

/** What a bundle has for its documents. Which datasets a grant selects by label depends on all of them: those are left out. */
function madeFor(built: Built | undefined): Made {
  if (built === undefined) return { documents: new Map(), datasets: new Map(), grants: new Map() }
  const { bundle, documents } = built
  const datasets = [...bundle.datasets.values()]
  const pair = <T>(document: PolicyDocument, made: T | undefined) =>
    made === undefined ? [] : [[document, made] as const]
  return {
    documents: new Map(documents.map((document) => [document.source, document])),
    datasets: new Map(ofKind(documents, 'Dataset').flatMap((document, index) => pair(document, datasets[index]))),
    grants: new Map(
      ofKind(documents, 'Grant').flatMap((document, index) =>
        document.spec.datasetSelector === undefined ? pair(document, bundle.grants[index]) : [],
      ),
    ),
  }
}

/**
 * What the hash is over: the documents' content in one order, one a line. Comments, layout and the files they stand in
 * are left out, so that a bundle is the same bundle in a repository, in a ConfigMap and in the record of an audit.
 */
export const canonicalText = (documents: readonly PolicyDocument[]): string => textOf(documents.map(lineOf))

const lineOf = ({ apiVersion, kind, metadata, spec }: PolicyDocument): string =>
  sortedJson({ apiVersion, kind, metadata, spec })

const textOf = (lines: readonly string[]): string => `${lines.toSorted().join('\n')}\n`

function* each<T, R>(values: readonly T[], make: (value: T) => R): Generator<undefined, readonly R[]> {
  const made: R[] = []
  for (const value of values) {
    if (made.push(make(value)) % AT_A_STRETCH === 0) yield
  }
  return made
}

/** So many together take less than a pause does. */
const AT_A_STRETCH = 16

/** One text for one value: fields by their names, no space. Numbers and texts as JSON.stringify writes them (RFC 8785). */
export function sortedJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) {
    let items = ''
    for (const item of value) items += items === '' ? sortedJson(item) : `,${sortedJson(item)}`
    return `[${items}]`
  }
  const fields = value as Readonly<Record<string, unknown>>
  let pairs = ''
  for (const key of inOrder(Object.keys(fields))) {
    pairs += `${pairs === '' ? '' : ','}${quoted(key)}:${sortedJson(fields[key])}`
  }
  return `{${pairs}}`
}

/** Text with nothing in it that JSON escapes, as most is, goes as it stands. */
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
const PLAIN = /^[ !#-[\]-~]*$/

/** Fields often are in their order, and to see that costs less than to sort them. */
function inOrder(keys: readonly string[]): readonly string[] {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.toSorted()
  }
  return keys
}

const byName = <T extends { readonly name: string }>(things: readonly T[]): ReadonlyMap<string, T> =>
  new Map(things.map((thing) => [thing.name, thing]))
