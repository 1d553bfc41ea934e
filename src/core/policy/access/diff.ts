/** What one policy allows and another does not: access, not lines. Nothing is sampled. */
import type { Identity } from '../../identity/identity.ts'
import type { Bundle } from '../bundle.ts'
import { type Region, regionsOf } from '../regions.ts'
import type { AccessChange } from './change.ts'
import { Comparing } from './compare.ts'
import { narrowing } from './grants-for.ts'
import { type SettingChange, settingChanges } from './settings.ts'
import { type MemberTold, tellTogether } from './together.ts'
import { Unchanged } from './unchanged.ts'
import { tellUpward } from './upward.ts'

export type Names = { readonly added: readonly string[]; readonly removed: readonly string[] }

export type PolicyDiff = {
  /** Gained first. Empty when the two policies allow the same: to everyone, everywhere, at each moment from now on. */
  readonly access: readonly AccessChange[]
  readonly settings: readonly SettingChange[]
  readonly teams: Names
  readonly identities: Names
  readonly datasets: Names
}

export type DiffOptions = {
  /** What was before this moment, milliseconds since the epoch, is over and not compared. */
  readonly from: number
  /** Whether grants in shadow count as if they were enforced. */
  readonly withShadow?: boolean
}

/**
 * Compares place by place what each identity may do, in situations enough to tell any two conditions apart. Where a path
 * is a place on one side only, the other side says of it what it says of what lies around it.
 */
export function diffPolicies(before: Bundle, after: Bundle, { from, withShadow = false }: DiffOptions): PolicyDiff {
  const unchanged = new Unchanged(before, after)
  const comparing = new Comparing(from)
  const [was, is] = [narrowing(before, withShadow), narrowing(after, withShadow)]
  const members = membersOf(before, after).map(({ known, now, ...member }): MemberTold => {
    const [one, other] = [known === undefined ? undefined : was(known), now === undefined ? undefined : is(now)]
    if (one !== undefined && other !== undefined && unchanged.holds(member.cluster, one.grants, other.grants)) {
      return { ...member, told: [] }
    }
    const sides = { before: regionsFor(known, one), after: regionsFor(now, other) }
    return { ...member, told: tellUpward(sides, comparing, from) }
  })
  return {
    access: tellTogether(members, (name, { direction }) => {
      const [rich, poor] = direction === 'lost' ? [before, after] : [after, before]
      return rich.datasets.get(name) ?? poor.datasets.get(name)
    }),
    settings: settingChanges(before, after),
    teams: named(teamsOf(before), teamsOf(after)),
    identities: named(before.identities.keys(), after.identities.keys()),
    datasets: named(before.datasets.keys(), after.datasets.keys()),
  }
}

type Compared = Omit<MemberTold, 'told'> & { readonly known: Identity | undefined; readonly now: Identity | undefined }

/** Each identity in its cluster: one that moves to another loses all here and gains all there. */
function membersOf(before: Bundle, after: Bundle): readonly Compared[] {
  const members = new Map<string, Compared>()
  const keyOf = ({ name, cluster }: Identity): string => JSON.stringify([name, cluster])
  for (const known of before.identities.values()) {
    const { name, cluster, team } = known
    members.set(keyOf(known), { identity: name, cluster, teamBefore: team, known, now: undefined })
  }
  for (const now of after.identities.values()) {
    const { name, cluster, team } = now
    const member = members.get(keyOf(now)) ?? { identity: name, cluster, known: undefined }
    members.set(keyOf(now), { ...member, teamAfter: team, now })
  }
  return [...members.values()]
}

const regionsFor = (identity: Identity | undefined, bundle: Bundle | undefined): readonly Region[] =>
  identity === undefined || bundle === undefined ? [] : regionsOf(bundle, identity)

const teamsOf = ({ identities }: Bundle): Iterable<string> => [...identities.values()].map(({ team }) => team)

function named(before: Iterable<string>, after: Iterable<string>): Names {
  const [was, is] = [new Set(before), new Set(after)]
  return {
    added: [...is].filter((name) => !was.has(name)).sort(),
    removed: [...was].filter((name) => !is.has(name)).sort(),
  }
}
