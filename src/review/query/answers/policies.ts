/** Policies over time: when which was in force, how two differ, what the difference would have changed, and what nobody uses. */

import type { PolicyDiff } from '../../../core/policy/access/diff.ts'
import { diffPolicies } from '../../../core/policy/access/diff.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { replaying } from '../../../core/policy/replay/replay.ts'
import { type Unused, unusedOf } from '../../../core/policy/unused/unused.ts'
import { collectingUses, type Uses } from '../../../core/policy/unused/uses.ts'
import { HOUR } from '../hour.ts'
import type {
  BundleInForce,
  BundlesOverTime,
  DiffAnswer,
  DiffAsked,
  Effects,
  UnusedAnswer,
  UnusedAsked,
} from '../policies.ts'
import type { KnownPolicies } from '../policies-known.ts'
import type { Scope } from '../scope.ts'
import type { Asking } from '../store/database.ts'
import { alikeSince, type Kind } from './alike.ts'
import { scopeWhere } from './where.ts'

const REPLAYED_MS = 30 * 86_400_000

type Around = { readonly scope: Scope; readonly now: number; readonly policies: KnownPolicies }

export async function bundles({ ask }: Asking, { scope, policies }: Omit<Around, 'now'>): Promise<BundlesOverTime> {
  const own = scopeWhere(scope)
  const rows = await ask<Omit<BundleInForce, 'isKnown' | 'isToday'>>(
    `SELECT hash, min(first_at)::DOUBLE AS first, max(last_at)::DOUBLE AS last, count(DISTINCT sidecar)::DOUBLE AS sidecars,
      sum(operations)::DOUBLE AS operations, sum(denied)::DOUBLE AS denied
    FROM bundles WHERE hash <> '' AND ${own.sql} GROUP BY hash ORDER BY last DESC, hash`,
    own.parameters,
  )
  const [known, today] = [await policies.hashes(), (await policies.today())?.hash]
  const inForce = rows.map(
    (bundle): BundleInForce => ({ ...bundle, isKnown: known.has(bundle.hash), isToday: bundle.hash === today }),
  )
  const never = [...known]
    .filter((hash) => !inForce.some((one) => one.hash === hash))
    .map((hash): BundleInForce => {
      const nothing = { first: 0, last: 0, sidecars: 0, operations: 0, denied: 0 }
      return { hash, ...nothing, isKnown: true, isToday: hash === today }
    })
  return { bundles: [...inForce, ...never] }
}

export async function diff(asking: Asking, asked: DiffAsked, { scope, now, policies }: Around): Promise<DiffAnswer> {
  const [before, after] = [await policies.byHash(asked.before), await policies.byHash(asked.after)]
  if (before === undefined || after === undefined)
    return { unknown: [asked.before, asked.after].filter((_, index) => [before, after][index] === undefined) }
  const whole = diffPolicies(before, after, { from: now })
  const found = scope.of === 'team' ? ofTeam(whole, scope.team, [before, after]) : whole
  const kinds = await alikeSince(asking, { bundle: after, since: now - REPLAYED_MS, scope, teams: touchedBy(whole) })
  return kinds === undefined ? { diff: found } : { diff: found, replayed: replayedOf(after, kinds) }
}

function replayedOf(after: Bundle, kinds: readonly Kind[]): Effects {
  const replay = replaying(after)
  const paths = new Map(kinds.map(({ asked, path }) => [placeOf(asked), path]))
  for (const { asked, alike } of kinds) replay.take(asked, () => placeOf(asked), alike)
  const { groups, operations } = replay.result()
  return {
    operations,
    groups: groups.map(({ example, ...group }) => {
      const { sidecar, sequence } = example
      return { ...group, example: { sidecar, sequence, path: paths.get(placeOf(example)) ?? example.path } }
    }),
  }
}

const placeOf = ({ sidecar, sequence }: { readonly sidecar: string; readonly sequence: number }): string =>
  `${sidecar}:${sequence}`

export async function unused(asking: Asking, asked: UnusedAsked, { scope, policies }: Around): Promise<UnusedAnswer> {
  const bundle = await policies.today()
  if (bundle === undefined) return undefined
  const since = Math.floor(asked.since / HOUR) * HOUR
  const kinds = await alikeSince(asking, { bundle, since, scope, teams: undefined })
  if (kinds === undefined) return { bundle: bundle.hash }
  const uses = collectingUses(bundle)
  for (const { asked: one, alike } of kinds) uses.take({ ...one, at: alike.last })
  const all = unusedOf(bundle, { ...uses.result(), ...(await covered(asking, since, scope)) }, since)
  return { bundle: bundle.hash, unused: narrowed(all, bundle, scope) }
}

/** How far back records reach, and which chains begin within the time and not at their beginning. */
async function covered({ ask }: Asking, since: number, scope: Scope): Promise<Covered> {
  const own = scopeWhere(scope)
  const [counted] = await ask(
    `SELECT coalesce(sum(records) FILTER (hour >= $since::BIGINT), 0)::DOUBLE AS records, min(first_at)::DOUBLE AS first, max(last_at)::DOUBLE AS last
      FROM per_hour WHERE kind = 'start' AND ${own.sql}`,
    { ...own.parameters, since },
  )
  const chains = await ask(
    `SELECT sidecar, min(first)::DOUBLE AS first, min(hour)::DOUBLE AS hour FROM chain_hours
      WHERE sidecar IN (SELECT sidecar FROM chains WHERE ${own.sql}) GROUP BY sidecar HAVING min(first) > 0 AND min(hour) >= $since::BIGINT`,
    { ...own.parameters, since },
  )
  return {
    records: Number(counted?.['records']),
    ...(counted?.['first'] == null ? {} : { from: Number(counted['first']), until: Number(counted['last']) }),
    logs: new Map(
      chains.map(({ sidecar, first, hour }) => [
        String(sidecar),
        { firstSequence: Number(first), firstAt: Number(hour) + 1 },
      ]),
    ),
  }
}
type Covered = Pick<Uses, 'records' | 'from' | 'until' | 'logs'>

/** Teams whose access a difference touches; undefined when it may be any. */
function touchedBy({ access, settings }: PolicyDiff): ReadonlySet<string> | undefined {
  return settings.length > 0 ? undefined : new Set(access.map(({ team }) => team))
}

/** What can only be of one team, of that team: grants for others, and settings, are not for its lead. */
function ofTeam(whole: PolicyDiff, team: string, sides: readonly Bundle[]): PolicyDiff {
  const isOurs = (identity: string) => sides.some(({ identities }) => identities.get(identity)?.team === team)
  const none = { added: [], removed: [] }
  const only = (names: readonly string[], keep: (name: string) => boolean) => names.filter(keep)
  const { access, teams, identities } = whole
  return {
    access: access.filter((change) => change.team === team),
    settings: [],
    teams: { added: only(teams.added, (one) => one === team), removed: only(teams.removed, (one) => one === team) },
    identities: { added: only(identities.added, isOurs), removed: only(identities.removed, isOurs) },
    datasets: none,
  }
}

function narrowed(all: Unused, { grants, identities }: Bundle, scope: Scope): Unused {
  if (scope.of === 'all') return all
  const isOurs = (name: string): boolean => {
    const grant = grants.find((one) => one.name === name)
    const teams = [...(grant?.teams ?? []), ...(grant?.identities ?? []).map((one) => identities.get(one)?.team)]
    return teams.length > 0 && teams.every((team) => team === scope.team)
  }
  return {
    ...all,
    grants: all.grants.filter(({ name }) => isOurs(name)),
    actions: all.actions.filter(({ name }) => isOurs(name)),
    kept: all.kept.filter(({ name }) => isOurs(name)),
    denies: all.denies.filter(({ name }) => isOurs(name)),
    identities: all.identities.filter(({ name }) => identities.get(name)?.team === scope.team),
    inShadow: grants.filter(({ mode, name }) => mode === 'shadow' && isOurs(name)).length,
  }
}
