/** Whether the log is whole and up to date, as far as it can be said without running the chains. */
import type { DamagedSegment, Intake, LogGap, LogHealth } from '../health.ts'
import type { Scope } from '../scope.ts'
import type { Asking } from '../store/database.ts'
import { scopeWhere } from './where.ts'

const MOST_LISTED = 100

export async function health(
  { ask }: Asking,
  { scope, now, intake }: { readonly scope: Scope; readonly now: number; readonly intake: Intake },
): Promise<LogHealth> {
  const { sql: own, parameters } = scopeWhere(scope)
  const [chains] = await ask<{ readonly chains: number; readonly newest: number | null }>(
    `SELECT count(DISTINCT sidecar)::DOUBLE AS chains, max(last_at)::DOUBLE AS newest FROM chains WHERE ${own}`,
    parameters,
  )
  const gaps = await ask<LogGap & { readonly every: number }>(
    `SELECT gap_of AS sidecar, gap_from::DOUBLE AS "from", gap_to::DOUBLE AS "to", marked_at::DOUBLE AS "at", detail,
      (count(*) OVER ())::DOUBLE AS every
    FROM marks WHERE kind = 'gap' AND ${own} ORDER BY marked_at DESC LIMIT ${MOST_LISTED}`,
    parameters,
  )
  const damaged =
    scope.of === 'team'
      ? []
      : await ask<DamagedSegment>(`SELECT file, count(*)::DOUBLE AS lines, arg_min(problem, line) AS problem FROM damages
          GROUP BY file ORDER BY file LIMIT ${MOST_LISTED}`)
  const { chains: count = 0, newest = null } = chains ?? {}
  return {
    chains: count,
    gaps: gaps.map(({ every: _, ...gap }) => gap),
    gapCount: gaps[0]?.every ?? 0,
    damaged,
    ...(newest !== null ? { newestAgeMs: Math.max(0, now - newest) } : {}),
    // How much others write is not for a team.
    intake: scope.of === 'all' ? intake : { ...intake, bytesTaken: 0, bytesTotal: 0, records: 0 },
  }
}
