/** Documents in, a policy bundle out; or everything that is wrong with them, and no bundle at all. */
import { type HdfsPath, parsePath } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import { parseInstant } from '../instant.ts'
import { spellOut } from './action.ts'
import type { Bundle, Dataset, Grant, PolicyCase } from './bundle.ts'
import { link, type Of, ofKind } from './link.ts'
import { inFileOrder, lineOf, type Problem, type Source } from './problem.ts'
import { type PolicyDocument, readDocument } from './read-document.ts'
import type { SliceCluster } from './slice.ts'

/** Hex digits of SHA-256 over the UTF-8 of a text: given, since nothing here does I/O or cryptography. */
export type Sha256 = (text: string) => string

export type BundleResult = { readonly bundle: Bundle } | { readonly problems: readonly Problem[] }

/** @param sources every document of the directory, in file order */
export function buildBundle(sources: readonly Source[], sha256: Sha256): BundleResult {
  const read = sources.map(readDocument)
  const documents = read.filter((one): one is PolicyDocument => 'kind' in one)
  const alone = read.flatMap((one) => ('kind' in one ? [] : one))
  const problems = [...alone, ...link(documents, sources)]
  if (problems.length > 0) return { problems: inFileOrder(problems) }
  return {
    bundle: {
      hash: `sha256:${sha256(canonicalText(documents))}`,
      clusters: byName(ofKind(documents, 'HadoopCluster').map(toCluster)),
      identities: byName(ofKind(documents, 'Identity').map(toIdentity)),
      datasets: byName(ofKind(documents, 'Dataset').map(toDataset)),
      grants: ofKind(documents, 'Grant').map(toGrant),
      tests: ofKind(documents, 'PolicyTest').flatMap(toCases),
    },
  }
}

/**
 * What the hash is over: the documents' content in one order, one a line. Comments, layout and the files they stand in
 * are left out, so that a bundle is the same bundle in a repository, in a ConfigMap and in the record of an audit.
 */
export function canonicalText(documents: readonly PolicyDocument[]): string {
  const lines = documents.map(({ apiVersion, kind, metadata, spec }) =>
    sortedJson({ apiVersion, kind, metadata, spec }),
  )
  return `${lines.sort().join('\n')}\n`
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(',')}}`
}

const byName = <T extends { readonly name: string }>(things: readonly T[]): ReadonlyMap<string, T> =>
  new Map(things.map((thing) => [thing.name, thing]))

const at = ({ source }: PolicyDocument): string => lineOf(source.place([]))

const toCluster = ({ metadata, spec }: Of<'HadoopCluster'>): SliceCluster => ({ name: metadata.name, ...spec })

const toIdentity = (document: Of<'Identity'>): Identity => ({
  name: document.metadata.name,
  ...document.spec,
  at: at(document),
})

const toDataset = (document: Of<'Dataset'>): Dataset => ({
  name: document.metadata.name,
  cluster: document.spec.cluster,
  prefixes: document.spec.prefixes.map(checkedPath),
  owner: document.spec.owner,
  labels: new Map(Object.entries(document.spec.labels ?? {})),
  protect: document.spec.protect ?? true,
  at: at(document),
})

const toGrant = (document: Of<'Grant'>): Grant => {
  const { effect, teams = [], identities = [], datasets, actions, expires, reason } = document.spec
  return {
    name: document.metadata.name,
    effect,
    teams,
    identities,
    datasets,
    actions: spellOut(effect, actions),
    ...(expires === undefined ? {} : { expiresAt: checkedInstant(expires) }),
    ...(reason === undefined ? {} : { reason }),
    at: at(document),
  }
}

const toCases = ({ spec, source }: Of<'PolicyTest'>): readonly PolicyCase[] =>
  spec.cases.map(({ destination, parameters = {}, time, reason, ...rest }, index) => ({
    ...rest,
    ...(destination === undefined ? {} : { destination }),
    parameters: new Map(Object.entries(parameters)),
    ...(time === undefined ? {} : { time: checkedInstant(time) }),
    ...(reason === undefined ? {} : { reason }),
    at: lineOf(source.place(['spec', 'cases', index])),
  }))

/** The schema has checked it: anything else is a fault of ours, and stops the bundle. */
function checkedPath(text: string): HdfsPath {
  const parsed = parsePath(text)
  if ('problem' in parsed) throw new Error(`the schema let ${text} pass`)
  return parsed.path
}

function checkedInstant(text: string): number {
  const instant = parseInstant(text)
  if (instant === undefined) throw new Error(`the schema let ${text} pass`)
  return instant
}
