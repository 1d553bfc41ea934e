/** The operations of a time as a policy tells them apart: each kind of them once, with how many there were. */

import type { Asked } from '../../../core/audit/asked.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import type { Alike } from '../../../core/policy/replay/replay.ts'
import { HOUR } from '../hour.ts'
import { namesIn } from '../policies-known.ts'
import type { Scope } from '../scope.ts'
import { ALIKE_KEYS, ALIKE_READS, alikeIn, isCountedBy, otherName } from '../store/alike.ts'
import type { Asking, Parameters, Row } from '../store/database.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { whatOf, whyOf } from './item-of-row.ts'
import { type Moments, momentsOf } from './moments.ts'
import { scopeWhere } from './where.ts'

export type AlikeAsked = {
  readonly bundle: Bundle
  /** Milliseconds since the epoch; the whole hour counts. */
  readonly since: number
  readonly scope: Scope
  /** Undefined for all. */
  readonly teams: ReadonlySet<string> | undefined
}

export type Kind = {
  /** One of them, the first; its path is that one's, except for names that no policy says. Without what it rested on. */
  readonly asked: Asked
  readonly alike: Alike
  /** As it was recorded. */
  readonly path: string
}

/** By the kind of operation, oldest first; undefined while records are still counted by the names of this policy. */
export async function alikeSince(asking: Asking, asked: AlikeAsked): Promise<readonly Kind[] | undefined> {
  const { bundle, since, teams } = asked
  if (!(await isCountedBy(asking, namesIn(bundle)))) return undefined
  if (teams?.size === 0) return []
  const [row] = await asking.ask(
    'SELECT min(hour)::DOUBLE AS first, max(hour)::DOUBLE AS last FROM alike WHERE hour >= $since::BIGINT',
    { since: Math.floor(since / HOUR) * HOUR },
  )
  if (row?.['first'] == null) return []
  const [from, until] = [Number(row['first']), Number(row['last']) + HOUR]
  const moments = momentsOf(bundle, from, until)
  const hours = hoursIn(moments, from, until)
  const rows = [
    ...(await counted(asking, asked, { from, moments, hours })),
    ...(hours.split.length === 0 ? [] : await read(asking, asked, { moments, hours })),
  ]
  return rows.map(kindOf).toSorted((one, other) => one.alike.first - other.alike.first)
}

type Hours = {
  /** In which nothing turns. */
  readonly whole: readonly { readonly hour: number; readonly state: string }[]
  readonly split: readonly number[]
}

function hoursIn({ stretches }: Moments, from: number, until: number): Hours {
  const whole: { hour: number; state: string }[] = []
  const split: number[] = []
  let at = 0
  for (let hour = from; hour < until && stretches.length > 1; hour += HOUR) {
    while (at + 1 < stretches.length && (stretches[at + 1]?.from ?? 0) <= hour) at += 1
    if ((stretches[at + 1]?.from ?? until) < hour + HOUR) split.push(hour)
    else whole.push({ hour, state: stretches[at]?.state ?? '' })
  }
  return { whole, split }
}

type Within = { readonly moments: Moments; readonly hours: Hours }

/** What was counted, but for the hours of timed identities in which something turns. */
function counted(
  { ask }: Asking,
  asked: AlikeAsked,
  { from, moments, hours }: Within & { readonly from: number },
): Promise<readonly Row[]> {
  const { sql, parameters } = whereOf(asked)
  const columns = `operations, first_at, last_at, sidecar, sequence, example, ${ALIKE_KEYS.join(', ')}`
  if (moments.stretches.length === 1)
    return ask(together(`(SELECT ${columns}, '' AS state FROM alike WHERE hour >= $from::BIGINT AND ${sql})`), {
      ...parameters,
      hash: asked.bundle.hash,
      from,
    })
  return ask(
    together(`(SELECT ${columns}, '' AS state FROM alike
        WHERE hour >= $from::BIGINT AND NOT list_contains($timed, identity) AND ${sql}
      UNION ALL SELECT ${columns}, state FROM alike
        JOIN (SELECT unnest($hours)::BIGINT AS hour, unnest($states) AS state) USING (hour)
        WHERE list_contains($timed, identity) AND ${sql})`),
    {
      ...parameters,
      hash: asked.bundle.hash,
      from,
      timed: moments.identities,
      hours: hours.whole.map(({ hour }) => String(hour)),
      states: hours.whole.map(({ state }) => state),
    },
  )
}

/** Of hours in which something turns, the records of those whose policy it turns. */
async function read(asking: Asking, asked: AlikeAsked, { moments, hours }: Within): Promise<readonly Row[]> {
  const { sql, parameters } = whereOf(asked)
  const { split } = hours
  const within = { from: split[0] ?? 0, until: (split.at(-1) ?? 0) + HOUR }
  const times = split.map((hour) => `(time >= ${instant(hour)} AND time < ${instant(hour + HOUR)})`)
  const records = `(SELECT ${ALIKE_READS} FROM RECORDS
    WHERE kind = 'start' AND list_contains($timed, identity) AND ${sql} AND (${times.join(' OR ')}))`
  const turned = `(SELECT r.*, m.state FROM ${records} r
    ASOF JOIN (SELECT unnest($moments)::BIGINT AS at, unnest($states) AS state) m ON r.ms >= m.at)`
  return askRecords(asking, together(`(${alikeIn(turned, { sql: 'state', name: 'state' })})`), {
    segments: segmentsWithin(asking.segments, within),
    parameters: {
      ...parameters,
      hash: asked.bundle.hash,
      timed: moments.identities,
      moments: moments.stretches.map(({ from }) => String(Math.max(0, from))),
      states: moments.stretches.map(({ state }) => state),
      other: await otherName(asking),
    },
  })
}

const instant = (ms: number): string => `make_timestamptz(${Math.trunc(ms)} * 1000)`

/** By what decides, without when. Which policy it was recorded under matters only where it is this one. */
const together = (
  relation: string,
): string => `SELECT ${KEYS}, CASE WHEN bundle = $hash THEN bundle ELSE '' END AS bundle, state,
    sum(operations)::DOUBLE AS operations, min(first_at)::DOUBLE AS first, max(last_at)::DOUBLE AS last,
    arg_min(sidecar, first_at) AS sidecar, arg_min(sequence, first_at)::DOUBLE AS sequence, arg_min(example, first_at) AS example
  FROM ${relation} r GROUP BY ALL`
const KEYS = ALIKE_KEYS.filter((name) => name !== 'bundle').join(', ')

function kindOf(row: Row): Kind {
  const first = Number(row['first'])
  return {
    asked: {
      at: first,
      sidecar: String(row['sidecar']),
      sequence: Number(row['sequence']),
      who: { team: String(row['team']), identity: String(row['identity']), namespace: String(row['namespace']) },
      what: whatOf(row),
      why: whyOf(row),
    },
    alike: { count: Number(row['operations']), first, last: Number(row['last']) },
    path: String(row['example']),
  }
}

function whereOf({ scope, teams }: AlikeAsked): { readonly sql: string; readonly parameters: Parameters } {
  const own = scopeWhere(scope)
  return teams === undefined
    ? own
    : { sql: `${own.sql} AND list_contains($teams, team)`, parameters: { ...own.parameters, teams: [...teams] } }
}
