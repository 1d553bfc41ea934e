/**
 * What of a policy nothing has used since a moment, and so the least-privilege edit. A deny is never part of it: that
 * nobody ran into a wall says that the wall stands, not that it is not needed; one that was never hit is only reported.
 */
import type { Action } from '../action.ts'
import type { Bundle, Grant } from '../bundle.ts'
import { staying } from './narrow.ts'
import type { Uses } from './uses.ts'

type Named = { readonly name: string /** `teams/quant.yaml:12`. */; readonly at: string }

/** When it was used before, if older records say so; milliseconds since the epoch. */
type LastUse = { readonly lastUsed?: number }

/** Why a grant that nothing used is left alone. */
export const KEEPS = {
  young: 'it began within the period',
  way: 'a directory on the way to it was looked at, and no other grant in use leads there',
} as const

export type Unused = {
  readonly since: number
  /** Allows that can go. */
  readonly grants: readonly (Named & LastUse)[]
  /** Allows of which some actions can go. */
  readonly actions: readonly (Named & {
    readonly unused: readonly ({ readonly action: Action } & LastUse)[]
    readonly stay: readonly Action[]
  })[]
  readonly kept: readonly (Named & { readonly because: keyof typeof KEEPS })[]
  readonly denies: readonly (Named & LastUse)[]
  readonly identities: readonly (Named & LastUse)[]
  /** Grants in shadow, which nothing can use. */
  readonly inShadow: number
  readonly coverage: Coverage
}

export type Coverage = {
  readonly records: number
  readonly from?: number
  readonly until?: number
  /** Sidecars whose first record here is within the period and not their first one. */
  readonly cutLogs: readonly string[]
  /** Whether records reach back to the beginning of the period, and no log is cut within it. */
  readonly isWhole: boolean
}

export function unusedOf(bundle: Bundle, uses: Uses, since: number): Unused {
  const lastUse = new Map<string, Map<Action, number>>()
  for (const { grant, action, last } of uses.uses) {
    const ofGrant = lastUse.get(grant) ?? new Map<Action, number>()
    lastUse.set(grant, ofGrant.set(action, last))
  }
  const enforced = bundle.grants.filter(({ mode }) => mode === 'enforce')
  const allows = enforced.filter(({ effect }) => effect === 'allow')
  const usedActions = ({ name }: Grant): ReadonlySet<Action> =>
    new Set([...(lastUse.get(name) ?? [])].filter(([, last]) => last >= since).map(([action]) => action))

  const idle = allows.filter((grant) => usedActions(grant).size === 0)
  const young = idle.filter(({ startsAt }) => startsAt !== undefined && startsAt > since)
  const onTheWay = neededForWays(uses, since, new Set(idle.map(({ name }) => name)), young)
  const removable = idle.filter((grant) => !young.includes(grant) && !onTheWay.has(grant.name))
  const hits = new Map(uses.hits.map(({ deny, last }) => [deny, last]))
  const denies = enforced.filter(({ effect, name }) => effect === 'deny' && !((hits.get(name) ?? 0) >= since))
  const identities = [...bundle.identities.values()].filter(({ name }) => !((uses.identities.get(name) ?? 0) >= since))

  return {
    since,
    grants: removable.map((grant) => ({ ...named(grant), ...lastUsed(latest(lastUse.get(grant.name)?.values())) })),
    actions: allows.flatMap((grant) => {
      const used = usedActions(grant)
      const stay = staying(used).filter((action) => grant.actions.includes(action))
      const unused = grant.actions.filter((action) => !stay.includes(action))
      if (used.size === 0 || unused.length === 0) return []
      const times = lastUse.get(grant.name)
      return [{ ...named(grant), unused: unused.map((action) => ({ action, ...lastUsed(times?.get(action)) })), stay }]
    }),
    kept: [
      ...young.map((grant) => ({ ...named(grant), because: 'young' as const })),
      ...idle.filter(({ name }) => onTheWay.has(name)).map((grant) => ({ ...named(grant), because: 'way' as const })),
    ],
    denies: denies.map((grant) => ({ ...named(grant), ...lastUsed(hits.get(grant.name)) })),
    identities: identities.map((one) => ({ ...named(one), ...lastUsed(uses.identities.get(one.name)) })),
    inShadow: bundle.grants.length - enforced.length,
    coverage: coverageOf(uses, since),
  }
}

/** Of the grants that nothing used, one for each looked-at ancestor that would lead nowhere without. */
function neededForWays(
  { ways }: Uses,
  since: number,
  idle: ReadonlySet<string>,
  young: readonly Grant[],
): ReadonlySet<string> {
  const needed = new Set<string>()
  const stays = (name: string) => !idle.has(name) || needed.has(name) || young.some((grant) => grant.name === name)
  for (const { grants, last } of ways) {
    const [first] = grants
    if (last >= since && first !== undefined && !grants.some(stays)) needed.add(first)
  }
  return needed
}

function coverageOf({ records, from, until, logs }: Uses, since: number): Coverage {
  const cutLogs = [...logs]
    .filter(([, log]) => log.firstSequence > 0 && log.firstAt > since)
    .map(([sidecar]) => sidecar)
  return {
    records,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    cutLogs: cutLogs.sort(),
    isWhole: from !== undefined && from <= since && cutLogs.length === 0,
  }
}

const named = ({ name, at }: Named): Named => ({ name, at })
const lastUsed = (last: number | undefined): LastUse => (last === undefined ? {} : { lastUsed: last })
const latest = (times: Iterable<number> | undefined): number | undefined =>
  times === undefined ? undefined : Math.max(...times)

/** Whether something could be taken away, or belongs to nobody. */
export const isSomethingUnused = ({ grants, actions, identities }: Unused): boolean =>
  grants.length + actions.length + identities.length > 0
