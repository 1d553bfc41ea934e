/** Policies over time: when which was in force, how two differ, what the difference would have changed, and what nobody uses. */
import { setImmediate as pause } from 'node:timers/promises'
import type { PolicyDiff } from '../../../core/policy/access/diff.ts'
import { diffPolicies } from '../../../core/policy/access/diff.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { replaying } from '../../../core/policy/replay/replay.ts'
import { unusedOf } from '../../../core/policy/unused/unused.ts'
import { collectingUses } from '../../../core/policy/unused/uses.ts'
import type { BundleInForce, BundlesOverTime, DiffAnswer, DiffAsked, UnusedAnswer, UnusedAsked } from '../policies.ts'
import type { KnownPolicies } from '../policies-known.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Row } from '../store/database.ts'
import { askedOfRows } from './asked-of-row.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { hoursHolding, timeWhere } from './hours.ts'
import { START_COLUMNS } from './item-of-row.ts'
import { scopeWhere } from './where.ts'

const REPLAYED_MS = 30 * 86_400_000
/** Operations that are put to a policy for one answer: beyond it only the newest are. */
const MOST_OPERATIONS = 200_000
/** So many at once; then others have a turn. */
const AT_ONCE = 2000

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
  const replay = replaying(after)
  const { rows, isWhole } = await operationsSince(asking, now - REPLAYED_MS, { scope, touched: touchedBy(whole) })
  await inTurns(rows, (some) => {
    for (const one of askedOfRows(some)) replay.take(one, () => `${one.sidecar}:${one.sequence}`)
  })
  return { diff: found, replayed: { ...replay.result(), isWhole } }
}

export async function unused(
  asking: Asking,
  { since }: UnusedAsked,
  { scope, policies }: Around,
): Promise<UnusedAnswer> {
  const bundle = await policies.today()
  if (bundle === undefined) return undefined
  const uses = collectingUses(bundle)
  const { rows, isWhole } = await operationsSince(asking, since, { scope, touched: undefined })
  await inTurns(rows, (some) => {
    for (const one of askedOfRows(some)) uses.take(one)
  })
  const all = unusedOf(bundle, uses.result(), since)
  // Of old operations that were not looked at it is not known what they used.
  const coverage = { ...all.coverage, isWhole: all.coverage.isWhole && isWhole }
  return { bundle: bundle.hash, unused: { ...narrowed(all, bundle, scope), coverage } }
}

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

function narrowed(
  all: NonNullable<UnusedAnswer>['unused'],
  { grants, identities }: Bundle,
  scope: Scope,
): NonNullable<UnusedAnswer>['unused'] {
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

type Operations = { readonly rows: readonly Row[]; readonly isWhole: boolean }

async function operationsSince(
  asking: Asking,
  since: number,
  { scope, touched }: { readonly scope: Scope; readonly touched: ReadonlySet<string> | undefined },
): Promise<Operations> {
  if (touched?.size === 0) return { rows: [], isWhole: true }
  const own = scopeWhere(scope)
  const teams = [...(touched ?? [])]
  const among = touched === undefined ? '' : `AND team IN (${teams.map((_, index) => `$team_${index}`).join(', ')})`
  const { within } = await hoursHolding(asking, {
    filter: { kind: ['start'], ...(touched === undefined ? {} : { team: teams }) },
    ...{ scope, within: { from: since }, isBackwards: false, limit: MOST_OPERATIONS + 1 },
  })
  const rows = await askRecords(
    asking,
    `SELECT ${START_COLUMNS} FROM RECORDS
      WHERE kind = 'start' AND ${timeWhere({ ...within, from: Math.max(since, within.from ?? since) })} AND ${own.sql} ${among}
      ORDER BY time DESC LIMIT ${MOST_OPERATIONS + 1}`,
    {
      segments: segmentsWithin(asking.segments, within),
      parameters: {
        ...own.parameters,
        ...Object.fromEntries(teams.map((team, index) => [`team_${index}`, team])),
      },
    },
  )
  return { rows: rows.slice(0, MOST_OPERATIONS).toReversed(), isWhole: rows.length <= MOST_OPERATIONS }
}

async function inTurns(rows: readonly Row[], take: (some: readonly Row[]) => void): Promise<void> {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    take(rows.slice(from, from + AT_ONCE))
    await pause()
  }
}
