/** Places as documents: prefixes that are told the same are one Dataset, and each policy of Ranger has its own Grants. */
import { formatInstant } from '../../instant.ts'
import type { DocumentOf } from '../language/documents.ts'
import { API_VERSION } from '../language/documents.ts'
import type { RangerPolicy } from './export.ts'
import type { Place } from './lay-out.ts'
import { subjectOf } from './principals.ts'
import type { Rank, Statement } from './statement.ts'
import type { Interval } from './validity.ts'

export type DatasetDraft = DocumentOf<'Dataset'>
export type GrantDraft = DocumentOf<'Grant'>
export type Drafts = {
  readonly datasets: readonly DatasetDraft[]
  readonly grants: readonly GrantDraft[]
  /** Names of the grants that each statement is in. */
  readonly grantsOf: ReadonlyMap<Statement, readonly string[]>
}

export type Naming = {
  /** Name of the HadoopCluster. */
  readonly cluster: string
  /** Team that every Dataset gets as its owner. */
  readonly owner: string
}

export function draft(places: readonly Place[], statements: readonly Statement[], naming: Naming): Drafts {
  const numbers = new Map(statements.map((statement, number) => [statement, number]))
  const keyOf = ({ allows, denies }: Place): string =>
    JSON.stringify([
      [...allows].map(([statement, rank]) => [numbers.get(statement), rank]).sort(),
      [...denies].map((statement) => numbers.get(statement)).sort(),
    ])
  const names = new Names()
  const groups = [...Map.groupBy(places, keyOf).values()].map((together) => ({
    together,
    name: names.of(nameOf(together)),
  }))
  const datasets = groups.map(
    ({ together, name }): DatasetDraft => ({
      apiVersion: API_VERSION,
      kind: 'Dataset',
      metadata: { name },
      spec: { cluster: naming.cluster, owner: naming.owner, prefixes: together.map(({ path }) => path) },
    }),
  )
  const reach = reachOf(groups)
  const grantNames = new Names()
  const grantsOf = new Map<Statement, string[]>()
  const grants = [...Map.groupBy(statements, ({ policy }) => policy)].flatMap(([policy, said]) =>
    sentencesOf(said, reach).flatMap(({ statements: alike, ...sentence }) =>
      sentence.intervals.map((interval) => {
        const name = grantNames.of(slug(policy.name, sentence.effect === 'deny' ? '-deny' : ''))
        for (const statement of alike) grantsOf.set(statement, [...(grantsOf.get(statement) ?? []), name])
        return grant(name, policy, { ...sentence, interval, subjects: alike.map(({ subject }) => subject) })
      }),
    ),
  )
  return { datasets, grants, grantsOf }
}

type Group = { readonly together: readonly Place[]; readonly name: string }
type Sentence = Pick<GrantDraft['spec'], 'effect' | 'actions'> & { readonly datasets: readonly string[] }
type Sentences = Sentence & { readonly statements: readonly Statement[]; readonly intervals: readonly Interval[] }

const ALLOWED = { 0: [], 1: ['read'], 2: ['write'] } as const
/** In a deny each preset is its own step only. */
const DENIED = { 0: ['read', 'write'], 1: ['write'], 2: [] } as const

type Reach = { readonly allow: Readonly<Record<Rank, string[]>>; readonly deny: string[] }

/** For each statement the names of the datasets where it gives so much, or denies. */
function reachOf(groups: readonly Group[]): ReadonlyMap<Statement, Reach> {
  const reach = new Map<Statement, Reach>()
  const of = (statement: Statement): Reach => {
    const known = reach.get(statement) ?? { allow: { 0: [], 1: [], 2: [] }, deny: [] }
    reach.set(statement, known)
    return known
  }
  for (const { together, name } of groups) {
    const [first] = together
    for (const [statement, rank] of first?.allows ?? []) of(statement).allow[rank].push(name)
    for (const statement of first?.denies ?? []) of(statement).deny.push(name)
  }
  return reach
}

/** What one policy says, each sentence with all the subjects that it is said to. */
function sentencesOf(statements: readonly Statement[], reach: ReadonlyMap<Statement, Reach>): readonly Sentences[] {
  const said = statements.flatMap((statement) => {
    const { allow, deny } = reach.get(statement) ?? { allow: { 0: [], 1: [], 2: [] }, deny: [] }
    const sentences: readonly Sentence[] = [
      { effect: 'allow', actions: [...ALLOWED[2]], datasets: allow[2] },
      { effect: 'allow', actions: [...ALLOWED[1]], datasets: allow[1] },
      { effect: 'deny', actions: [...DENIED[statement.leaves]], datasets: deny },
    ]
    return sentences
      .filter(({ datasets }) => datasets.length > 0)
      .map((sentence) => ({ ...sentence, intervals: statement.intervals, statement }))
  })
  const wordsOf = ({ effect, actions, datasets }: Sentence) => JSON.stringify([effect, actions, datasets])
  return [...Map.groupBy(said, wordsOf).values()].flatMap((alike) => {
    const [first] = alike
    return first === undefined ? [] : [{ ...first, statements: alike.map(({ statement }) => statement) }]
  })
}

function grant(
  name: string,
  policy: RangerPolicy,
  { effect, actions, datasets, interval, subjects }: Sentence & { interval: Interval; subjects: readonly string[] },
): GrantDraft {
  const named = (kind: 'team' | 'identity') =>
    subjects
      .map(subjectOf)
      .filter((one) => one.kind === kind)
      .map((one) => one.name)
  const [teams, identities] = [named('team'), named('identity')]
  const { from, until } = interval
  return {
    apiVersion: API_VERSION,
    kind: 'Grant',
    metadata: { name },
    spec: {
      effect,
      ...(teams.length > 0 ? { teams } : {}),
      ...(identities.length > 0 ? { identities } : {}),
      datasets: [...datasets],
      actions,
      ...(Number.isFinite(from) ? { starts: formatInstant(from) } : {}),
      ...(Number.isFinite(until) ? { expires: formatInstant(until) } : {}),
      reason: reasonOf(policy),
    },
  }
}

const LONGEST_REASON = 200
const reasonOf = ({ id, name }: RangerPolicy): string =>
  `Ranger policy ${id ?? ''} ${name}`
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_REASON)

/** After the only policy that begins there, or the path of the first prefix. */
function nameOf(together: readonly Place[]): string {
  const policies = new Set(
    together.flatMap(({ path, allows }) =>
      [...allows.keys()].filter(({ allowed }) => allowed.includes(path)).map(({ policy }) => policy.name),
    ),
  )
  const [only] = policies
  return slug(policies.size === 1 && only !== undefined ? only : (together[0]?.path ?? ''))
}

const LONGEST_NAME = 63
/** Leaves room for a number. */
const ROOM = 6

function slug(text: string, ending = ''): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  const cut = plain.slice(0, LONGEST_NAME - ROOM - ending.length).replaceAll(/^-+|-+$/g, '')
  return `${cut === '' ? 'all' : cut}${ending}`
}

/** Gives each name once; the second `market` is `market-2`. */
class Names {
  readonly #taken = new Set<string>()

  of(wanted: string): string {
    let name = wanted
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}-${number}`
    this.#taken.add(name)
    return name
  }
}
