/** Whether a team may make a change of the policy by itself: `kerbside policy check --author`. What is not delegated, it may not. */
import type { Finding } from '../language/findings.ts'
import type { Of } from '../language/link.ts'
import { inFileOrder } from '../language/problem.ts'
import { type Change, changesBetween, type State } from './change.ts'
import { type Delegated, delegationsOf, type Objection, objectionsTo } from './delegated.ts'
import { type Changed, lostDenies, passedDenies } from './lost-denies.ts'
import { lostTests } from './lost-tests.ts'
import { movedPaths } from './moved-paths.ts'

export const AUTHORSHIP = new Map([
  ['not-delegated', 'a document was added, changed or taken away that no delegation lets its author write'],
  ['deny-lost', 'a change lifts a deny, in whole or in part'],
  [
    'paths-moved',
    'a change puts paths of another team into another dataset, or under allows that its author may not give',
  ],
  ['test-lost', 'a change takes away a test that is not about its author alone'],
  [
    'keytab-taken',
    'a change gives an identity a principal or keytab that its team does not have, or opens it to every namespace',
  ],
])

export type Authored = {
  /** As it stood: its Delegations count, so that nobody delegates to himself. Undefined if every document is new. */
  readonly base?: State
  readonly now: State
  readonly team: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * An error for each document that the team may not write, take away or change, and for each effect on others that no
 * delegation covers; in file order. A change is allowed where both its halves are: taking away what was, and writing
 * what is.
 */
export function authorship({ base, now, team, at }: Authored): readonly Finding[] {
  const delegations = delegationsOf(team, base ?? now)
  const before = base ?? emptied(now)
  const changes = changesBetween(before, now)
  const changed: Changed = { base: before, now, changes, at }
  const told = (code: string, objections: readonly Objection[]): Finding[] =>
    objections.map(({ document, path, part, message, needs }) => ({
      ...document.source.place(path, part),
      severity: 'error',
      code,
      message: `team \`${team}\` may not do this: ${message}`,
      ...(needs === undefined ? {} : { hint: `it would need ${needs}` }),
    }))
  return inFileOrder([
    ...told(
      'not-delegated',
      changes.flatMap((change) => undelegated(change, changed, delegations)),
    ),
    ...told('deny-lost', [...lostDenies(changed), ...passedDenies(changed)]),
    ...told('paths-moved', movedPaths(changed, team, delegations)),
    ...told('test-lost', lostTests(changed, team, delegations)),
    ...told(
      'keytab-taken',
      changes.flatMap(({ was, is }) => keytabTaken(was, is, before)),
    ),
  ])
}

type Said = { readonly objection: Objection; readonly by: string | undefined }

/** What speaks against both halves of a change, by the delegation against which least does. */
function undelegated(change: Change, { base, now }: Changed, delegations: readonly Delegated[]): readonly Objection[] {
  const halves = [
    { document: change.was, state: base },
    { document: change.is, state: now },
  ]
  const found = halves.flatMap(({ document, state }): readonly Said[] => {
    if (document === undefined) return []
    const none = { document, path: ['metadata', 'name'], message: 'no delegation is for it', needs: 'a Delegation' }
    const said = delegations.map((delegated): readonly Said[] => {
      const by = delegated.delegation.name
      return objectionsTo(document, { delegated, state, change }).map((objection) => ({ objection, by }))
    })
    const [least = [{ objection: none, by: undefined }]] = said.sort((one, other) => one.length - other.length)
    return least
  })
  // What speaks against both halves in the same words is told where it stands now.
  const words = new Set(found.flatMap(({ objection }) => (objection.document === change.is ? objection.message : [])))
  return found
    .filter(({ objection }) => objection.document === change.is || !words.has(objection.message))
    .map(({ objection, by }) => inWords(objection, change, by))
}

function inWords(objection: Objection, { was, is }: Change, delegation: string | undefined): Objection {
  const half = is === undefined ? 'taken away: ' : objection.document === was ? 'as it was: ' : ''
  const by = delegation === undefined || objection.needs === undefined ? '' : ` (delegation \`${delegation}\`)`
  return { ...objection, message: `${half}${objection.message}${by}` }
}

/** A principal and its keytab are given by who answers for the policy: with another team's, HDFS would take one for the other. */
function keytabTaken(was: Change['was'], is: Change['is'], { bundle }: State): readonly Objection[] {
  if (is?.kind !== 'Identity') return []
  const own = [...bundle.identities.values()].filter((it) => it.team === is.spec.team && it.cluster === is.spec.cluster)
  const strange = (['principal', 'secret'] as const).filter((field) => !own.some((it) => it[field] === is.spec[field]))
  const isOpen = (identity: Of<'Identity'>) =>
    identity.spec.allowedFor.some(({ anyNamespace }) => anyNamespace === true)
  const opens = isOpen(is) && !(was?.kind === 'Identity' && isOpen(was))
  return [
    ...strange.map((field) => ({
      document: is,
      path: ['spec', field],
      message: `no identity of team \`${is.spec.team}\` has ${field} \`${is.spec[field]}\` yet`,
    })),
    ...(opens
      ? [
          {
            document: is,
            path: ['spec', 'allowedFor'],
            part: 'key' as const,
            message: 'it opens the identity to every namespace',
          },
        ]
      : []),
  ]
}

const emptied = ({ bundle }: State): State => ({
  documents: [],
  bundle: { ...bundle, identities: new Map(), datasets: new Map(), grants: [], delegations: [], tests: [] },
})
