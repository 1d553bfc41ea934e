/** One document of a policy directory: its kind found, its fields checked, each problem with its place. */
import { nearest } from '../../nearest.ts'
import { complaints, show } from './complaints.ts'
import { API_VERSION, type DocumentOf, KIND_NAMES, KINDS, type Kind } from './documents.ts'
import { didYouMean, type Problem, type Source } from './problem.ts'
import { type QuickCheck, quickCheck } from './quick-check.ts'

export type PolicyDocument = { [K in Kind]: DocumentOf<K> & { readonly source: Source } }[Kind]

/** The document, or everything that is wrong with it by itself; whether what it names exists is for `link`. */
export function readDocument(source: Source): PolicyDocument | readonly Problem[] {
  if (!source.isIntact) return source.problems
  const read = checkFields(source)
  if ('kind' in read && source.problems.length === 0) return read
  return [...source.problems, ...('kind' in read ? [] : read)]
}

function checkFields(source: Source): PolicyDocument | readonly Problem[] {
  if (!isMapping(source.value)) {
    const message = 'a document must be a mapping with `apiVersion`, `kind`, `metadata` and `spec`'
    return [{ ...source.place([]), message }]
  }
  const kind = kindOf(source.value)
  if (kind === undefined) return [wrongKind(source)]
  if (isRight(kind, source.value)) {
    const { apiVersion, kind: _kind, metadata, spec } = source.value as DocumentOf<Kind>
    return { apiVersion, kind, metadata, spec, source } as PolicyDocument
  }
  const schema = KINDS[kind]
  const checked = schema.safeParse(source.value, { reportInput: true })
  if (!checked.success) return checked.error.issues.flatMap((issue) => complaints(issue, source, schema))
  return { ...checked.data, source } as PolicyDocument
}

const quickChecks = new Map<Kind, QuickCheck>()

/** Each kind's check is made when it is first asked for: a command that reads no policy makes none. */
function isRight(kind: Kind, value: unknown): boolean {
  const check = quickChecks.get(kind) ?? quickCheck(KINDS[kind])
  quickChecks.set(kind, check)
  return check(value)
}

/** What a document is called, however broken; each field undefined where there is nothing of the kind. */
export type Declared = {
  readonly source: Source
  readonly kind: Kind | undefined
  readonly name: unknown
  readonly team: unknown
  readonly owner: unknown
}

/** Kind, name and team of a document however broken, so that one mistake is not told again wherever it is named. */
export function declared(source: Source): Declared {
  const { value } = source
  const spec = fieldOf(value, 'spec')
  return {
    source,
    kind: kindOf(value),
    name: fieldOf(fieldOf(value, 'metadata'), 'name'),
    team: fieldOf(spec, 'team'),
    owner: fieldOf(spec, 'owner'),
  }
}

const KNOWN_KINDS: ReadonlyMap<unknown, Kind> = new Map(KIND_NAMES.map((kind) => [kind, kind]))
const kindOf = (value: unknown): Kind | undefined => KNOWN_KINDS.get(fieldOf(value, 'kind'))

function wrongKind(source: Source): Problem {
  const kind = fieldOf(source.value, 'kind')
  const choices = `kinds of ${API_VERSION} are ${KIND_NAMES.join(', ')}`
  if (kind === undefined) return { ...source.place([]), message: '`kind` is missing', hint: choices }
  const near = typeof kind === 'string' ? nearest(kind, KIND_NAMES) : undefined
  return { ...source.place(['kind']), message: `no kind is called ${show(kind)}`, hint: choices, ...didYouMean(near) }
}

const isMapping = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fields by which documents know each other. None has a name that every object has something by, as `constructor` is. */
export type NamingField =
  | ('kind' | 'metadata' | 'name' | 'spec' | 'team' | 'owner' | 'cluster')
  | ('teams' | 'identities' | 'datasets' | 'cases' | 'identity')

/** Of a value that nobody has checked. */
export const fieldOf = (value: unknown, name: NamingField): unknown =>
  isMapping(value) ? (value as Readonly<Partial<Record<NamingField, unknown>>>)[name] : undefined
