/** A policy export of Apache Ranger as documents of ours, with a report of everything that is carried and that is not. */
import { ROOT } from '../../hdfs/path.ts'
import { type DatasetDraft, draft, type GrantDraft, type Naming } from './drafts.ts'
import { type Entry, named } from './entry.ts'
import type { RangerExport, RangerPolicy } from './export.ts'
import { layOut } from './lay-out.ts'
import { type Mapping, membersOf, whoIn } from './principals.ts'
import type { Reason } from './reasons.ts'
import { type Block, type Statement, statementOf } from './statement.ts'
import { missingZones, treeOf, zonesOf } from './zones.ts'

export type ImportOptions = Naming & {
  readonly mapping: Mapping
  /** Name of the HDFS service in Ranger; what is of another one is ignored. */
  readonly service: string
  /** Whether `/a/*` is carried as `/a`, which is wider by that one path. */
  readonly includeBase?: boolean
}

export type Imported = {
  readonly datasets: readonly DatasetDraft[]
  readonly grants: readonly GrantDraft[]
  readonly entries: readonly Entry[]
}

/**
 * What the report claims, and test/core/policy/ranger/differential.test.ts holds against Ranger's engine. For a subject, a
 * path and a moment, with the accesses that Ranger's policies allow whoever was mapped to the subject:
 *
 * - our `read` (stat, list, read) is *allowed by the export* where Ranger allows read and execute;
 * - our `write` (create, append, overwrite, mkdir, delete) where Ranger allows read, write and execute.
 *
 * 1. Nothing is wider: what the documents allow, the export allows, everywhere, but paths that an entry calls `wider`.
 * 2. Carried is exact: where no inexact entry of the subject covers the path ({@link isCarried}), both are equal.
 *
 * HDFS asks Ranger in these three accesses: it lists by read and execute, and deletes a tree by all three, so that no
 * smaller set is taken for our presets. Execute alone lets pass through a directory, for which nothing is needed here.
 * Where no policy matches, Ranger leaves the answer to the permissions in HDFS; that is no access in the export, and here
 * it is denied. Our own law still holds on top: an ancestor of what is granted may be stat-ed and listed, and the prefix
 * of a dataset may not be deleted or renamed, for which HDFS would ask about its parent.
 *
 * A deny is never left out while an allow that it cuts is kept: what may be hit by a deny that is not carried is not
 * carried either. An allow of Ranger reaches through nested policies and ours ends at a nested dataset, so that each
 * grant names every dataset within its reach.
 */
export function importRanger(from: RangerExport, options: ImportOptions): Imported {
  const { service, mapping, includeBase = false } = options
  const members = membersOf(mapping)
  const who = whoIn(from, mapping)
  const zones = zonesOf(from, service)
  const { policies, ignored } = sortOut(from.policies, service)
  const missing = missingZones(policies, from)

  const strangers = policies.flatMap((policy) => unmappedIn(policy, who.unmapped))
  const said = policies.flatMap((policy) =>
    [...members].flatMap(([subject, those]): readonly Statement[] => {
      const statement = statementOf({ policy, subject, members: those, who, includeBase })
      return statement === undefined ? [] : [statement]
    }),
  )
  const lost = said.filter(({ policy }) => policy.zoneName !== '' && !zones.isKnown(policy.zoneName))
  const statements = said.filter((statement) => !lost.includes(statement))
  const unknown = [...missing.map((zone) => ({ zone, path: ROOT })), ...zones.unclear]
  const around = [...members.keys()].flatMap((subject) =>
    unknown.map(
      ({ zone, path }): Block => ({ subject, leaves: 0, path, isTree: true, zone: undefined, policy: `zone ${zone}` }),
    ),
  )
  const { places, entries } = layOut(statements, zones, around)
  const { datasets, grants, grantsOf } = draft(places, statements, options)
  const carried = statements.flatMap((statement): readonly Entry[] => {
    const names = grantsOf.get(statement) ?? []
    if (names.length === 0) return []
    const { policy, subject, extents } = statement
    return [{ policy: named(policy), who: subject, effect: undefined, status: 'carried', extents, grants: names }]
  })
  const inUnknownZone = lost.map(({ policy, subject, extents }) => entry(policy, subject, 'unknown-zone', extents))
  // Their allows may be cut by policies of a zone that may be anywhere there, whether they were or not.
  const underUnknown = around.map(
    ({ subject, path, policy }): Entry => ({
      policy: { id: undefined, name: policy },
      who: subject,
      effect: undefined,
      status: 'not-carried',
      reason: 'unknown-zone',
      extents: [treeOf(path)],
      grants: [],
    }),
  )
  const all = [...carried, ...statements.flatMap((one) => one.entries), ...entries, ...inUnknownZone, ...underUnknown]
  return {
    datasets,
    grants,
    entries: inOrder([...all, ...strangers, ...policies.flatMap(asideOf), ...ignored], from.policies),
  }
}

function sortOut(policies: readonly RangerPolicy[], service: string) {
  const reasonFor = (policy: RangerPolicy): Reason | undefined => {
    if (!policy.isEnabled) return 'disabled'
    if (policy.serviceType === 'tag') return undefined
    if (policy.service !== service) return 'other-service'
    return policy.policyType === 0 ? undefined : 'other-type'
  }
  const ignored = policies.flatMap((policy): readonly Entry[] => {
    const reason = reasonFor(policy)
    return reason === undefined ? [] : [{ ...entry(policy, '', reason, []), status: 'ignored' }]
  })
  return { policies: policies.filter((policy) => reasonFor(policy) === undefined).map(onHdfs), ignored }
}

/** What a policy says beside who may do what. */
function asideOf(policy: RangerPolicy): readonly Entry[] {
  const items = [...policy.policyItems, ...policy.denyPolicyItems]
  const said: readonly (readonly [Reason, boolean])[] = [
    ['delegate-admin', items.some(({ delegateAdmin }) => delegateAdmin)],
    ['labels', policy.policyLabels.some((label) => label !== '')],
    ['audit-off', !policy.isAuditEnabled],
  ]
  return said
    .filter(([, is]) => is)
    .map(([reason]) => ({ ...entry(policy, '', reason, []), status: 'ignored' as const }))
}

/** A policy on tags names accesses of every service, such as `hdfs:read`. */
function onHdfs(policy: RangerPolicy): RangerPolicy {
  if (policy.serviceType !== 'tag') return policy
  const own = (items: RangerPolicy['policyItems']) =>
    items.map((item) => ({
      ...item,
      accesses: item.accesses.flatMap((access) => {
        const [, type] = /^hdfs:(.+)$/.exec(access.type) ?? []
        return type === undefined ? [] : [{ ...access, type }]
      }),
    }))
  const { policyItems, denyPolicyItems, allowExceptions, denyExceptions } = policy
  return {
    ...policy,
    ...{ policyItems: own(policyItems), denyPolicyItems: own(denyPolicyItems) },
    ...{ allowExceptions: own(allowExceptions), denyExceptions: own(denyExceptions) },
  }
}

function unmappedIn(
  policy: RangerPolicy,
  unmapped: (item: RangerPolicy['policyItems'][number]) => readonly string[],
): readonly Entry[] {
  const { policyItems, denyPolicyItems, allowExceptions, denyExceptions } = policy
  const items = [...policyItems, ...denyPolicyItems, ...allowExceptions, ...denyExceptions]
  return [...new Set(items.flatMap(unmapped))].map((principal) => entry(policy, principal, 'unmapped-principal', []))
}

const entry = (policy: RangerPolicy, who: string, reason: Reason, extents: Entry['extents']): Entry => ({
  ...{ policy: named(policy), who, effect: undefined, status: 'not-carried', reason, extents, grants: [] },
})

/** Policies as they stand in the export. */
function inOrder(entries: readonly Entry[], policies: readonly RangerPolicy[]): readonly Entry[] {
  const places = new Map(policies.map(({ id, name }, place) => [`${id} ${name}`, place]))
  const placeOf = ({ policy: { id, name } }: Entry) => places.get(`${id} ${name}`) ?? policies.length
  return [...entries].sort((one, other) => placeOf(one) - placeOf(other))
}
