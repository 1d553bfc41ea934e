/** What a reviewer looks at first, from counts alone: it costs the same however many records there are in an hour. */

import { KerbsideError } from '../../../core/errors.ts'
import type { Intake } from '../health.ts'
import { HOUR } from '../hour.ts'
import type { CredentialTrouble, DeniedGroup, FirstSeen, Overview, OverviewAsked, Totals } from '../overview.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Parameters } from '../store/database.ts'
import { health } from './health.ts'
import { scopeWhere } from './where.ts'

/** Widths of a bar, and so many of them at most. */
const WIDTHS = [300_000, 900_000, HOUR, 3 * HOUR, 6 * HOUR, 24 * HOUR]
const MOST_BARS = 130
const MOST_LISTED = 50
const LONGEST_MS = 400 * 24 * HOUR

export async function overview(
  asking: Asking,
  { lastMs }: OverviewAsked,
  around: { readonly scope: Scope; readonly now: number; readonly intake: Intake },
): Promise<Overview> {
  if (!(lastMs >= HOUR && lastMs <= LONGEST_MS))
    throw new KerbsideError('bad-request', `${lastMs} is not a time back from an hour to 400 days`)
  const { scope, now } = around
  const bucketMs = WIDTHS.find((width) => lastMs / width <= MOST_BARS) ?? 24 * HOUR
  // Whole hours at the beginning, so that everything on the page is of the same time.
  const from = Math.floor((now - lastMs) / Math.max(HOUR, bucketMs)) * Math.max(HOUR, bucketMs)
  const period: Period = { from, until: now + 1, scope }
  const earlier: Period = { from: from - lastMs, until: from, scope }
  return {
    from,
    until: now,
    totals: await totals(asking, period),
    before: await totals(asking, earlier),
    bucketMs,
    buckets: await buckets(asking, period, bucketMs),
    firstSeen: await firstSeen(asking, period),
    denials: await denials(asking, period),
    credentials: await credentials(asking, period),
    log: await health(asking, around),
  }
}

type Period = { readonly from: number; readonly until: number; readonly scope: Scope }

const own = ({ scope }: Period): string => `AND ${scopeWhere(scope).sql}`
const given = ({ from, until, scope }: Period): Parameters => ({ from, until, ...scopeWhere(scope).parameters })

const NOTHING: Totals = {
  allowed: 0,
  denied: 0,
  shadowDenied: 0,
  bytesRead: 0,
  bytesWritten: 0,
  identities: 0,
  datasets: 0,
}

async function totals({ ask }: Asking, period: Period): Promise<Totals> {
  const [sums] = await ask<Omit<Totals, 'identities' | 'datasets'>>(
    `SELECT coalesce(sum(allowed), 0)::DOUBLE AS allowed, coalesce(sum(denied), 0)::DOUBLE AS denied,
      coalesce(sum(shadow_denied), 0)::DOUBLE AS "shadowDenied", coalesce(sum(bytes_read), 0)::DOUBLE AS "bytesRead",
      coalesce(sum(bytes_written), 0)::DOUBLE AS "bytesWritten"
    FROM per_minute WHERE minute >= $from::BIGINT AND minute < $until::BIGINT ${own(period)}`,
    given(period),
  )
  const [names] = await ask<Pick<Totals, 'identities' | 'datasets'>>(
    `SELECT count(DISTINCT identity)::DOUBLE AS identities,
      count(DISTINCT dataset) FILTER (dataset <> '')::DOUBLE AS datasets
    FROM per_hour WHERE kind = 'start' AND hour >= $from::BIGINT AND hour < $until::BIGINT ${own(period)}`,
    given(period),
  )
  return { ...NOTHING, ...sums, ...names }
}

async function buckets({ ask }: Asking, period: Period, bucketMs: number): Promise<Overview['buckets']> {
  const rows = await ask(
    `SELECT (minute - (minute - $from::BIGINT) % $width::BIGINT)::DOUBLE AS begin, sum(allowed)::DOUBLE AS allowed,
      sum(denied)::DOUBLE AS denied
    FROM per_minute WHERE minute >= $from::BIGINT AND minute < $until::BIGINT ${own(period)} GROUP BY begin`,
    { ...given(period), width: bucketMs },
  )
  const found = new Map(rows.map((row) => [Number(row['begin']), row]))
  const count = Math.ceil((period.until - period.from) / bucketMs)
  return Array.from({ length: count }, (_, index) => {
    const at = period.from + index * bucketMs
    return { at, allowed: Number(found.get(at)?.['allowed'] ?? 0), denied: Number(found.get(at)?.['denied'] ?? 0) }
  })
}

async function firstSeen({ ask }: Asking, period: Period): Promise<readonly FirstSeen[]> {
  const rows = await ask(
    `WITH first AS (
      SELECT team, dataset, min(seen_at) AS seen, arg_min(sidecar, seen_at) AS sidecar,
        arg_min(sequence, seen_at) AS sequence, arg_min(effect, seen_at) AS effect
      FROM pairs GROUP BY team, dataset
    )
    SELECT team, dataset, seen::DOUBLE AS seen, sidecar, sequence::DOUBLE AS sequence, effect,
      (SELECT sum(records) FROM per_hour h WHERE h.kind = 'start' AND h.team = first.team AND h.dataset = first.dataset)::DOUBLE
        AS operations
    FROM first WHERE seen >= $from::BIGINT AND seen < $until::BIGINT ${own(period)}
    ORDER BY seen DESC, team, dataset LIMIT ${MOST_LISTED}`,
    given(period),
  )
  return rows.map((row) => ({
    team: String(row['team']),
    dataset: String(row['dataset']),
    at: Number(row['seen']),
    place: { at: Number(row['seen']), sidecar: String(row['sidecar']), sequence: Number(row['sequence']) },
    effect: row['effect'] === 'allow' ? 'allow' : 'deny',
    operations: Number(row['operations']),
  }))
}

type Numbered = { readonly sidecar: string; readonly sequence: number }

async function denials({ ask }: Asking, period: Period): Promise<readonly DeniedGroup[]> {
  const rows = await ask<Omit<DeniedGroup, 'place'> & Numbered>(
    `SELECT reason, team, identity, dataset, operation, sum(records)::DOUBLE AS count, max(last_at)::DOUBLE AS last,
      arg_max(last_sidecar, last_at) AS sidecar, arg_max(last_sequence, last_at)::DOUBLE AS sequence
    FROM per_hour
    WHERE kind = 'start' AND effect = 'deny' AND hour >= $from::BIGINT AND hour < $until::BIGINT ${own(period)}
    GROUP BY reason, team, identity, dataset, operation
    ORDER BY count DESC, last DESC LIMIT ${MOST_LISTED}`,
    given(period),
  )
  return rows.map(({ sidecar, sequence, ...group }) => ({
    ...group,
    place: { at: group.last, sidecar, sequence },
  }))
}

/** Of each chain the newest word on each credential, by the first word of its detail, where that is not a good one. */
async function credentials({ ask }: Asking, period: Period): Promise<readonly CredentialTrouble[]> {
  const rows = await ask<Omit<CredentialTrouble, 'place'> & Numbered & { readonly marked: number }>(
    `WITH newest AS (
      SELECT *, row_number() OVER (PARTITION BY sidecar, split_part(detail, ' is ', 1) ORDER BY sequence DESC) AS place
      FROM marks WHERE kind = 'credential' AND marked_at >= $from::BIGINT AND marked_at < $until::BIGINT ${own(period)}
    )
    SELECT team, identity, namespace, pod, state, detail, marked_at::DOUBLE AS marked, sidecar, sequence::DOUBLE AS sequence
    FROM newest WHERE place = 1 AND state NOT IN ('ready', 'renewed')
    ORDER BY marked DESC LIMIT ${MOST_LISTED}`,
    given(period),
  )
  return rows.map(({ marked, sidecar, sequence, ...trouble }) => ({
    ...trouble,
    place: { at: marked, sidecar, sequence },
  }))
}
