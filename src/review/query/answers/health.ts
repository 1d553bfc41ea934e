/** Whether the log is whole and up to date, as far as it can be said without running the chains. */
import type { Intake, LogHealth } from '../health.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Parameters } from '../store/database.ts'

const MOST_LISTED = 100

export async function health(
  { ask }: Asking,
  { scope, now, intake }: { readonly scope: Scope; readonly now: number; readonly intake: Intake },
): Promise<LogHealth> {
  const [own, parameters]: [string, Parameters] =
    scope.of === 'team' ? ['WHERE team = $scope', { scope: scope.team }] : ['', {}]
  const [chains] = await ask(
    `SELECT count(DISTINCT sidecar)::DOUBLE AS chains, max(last_at)::DOUBLE AS newest FROM chains ${own}`,
    parameters,
  )
  const gaps = await ask(
    `SELECT gap_of AS sidecar, gap_from::DOUBLE AS "from", gap_to::DOUBLE AS "to", marked_at::DOUBLE AS "at", detail,
      (count(*) OVER ())::DOUBLE AS every
    FROM marks WHERE kind = 'gap' ${own.replace('WHERE', 'AND')} ORDER BY marked_at DESC LIMIT ${MOST_LISTED}`,
    parameters,
  )
  const damaged =
    scope.of === 'team'
      ? []
      : await ask(`SELECT file, count(*)::DOUBLE AS lines, arg_min(problem, line) AS problem FROM damages
          GROUP BY file ORDER BY file LIMIT ${MOST_LISTED}`)
  const newest = chains?.['newest']
  return {
    chains: Number(chains?.['chains']),
    gaps: gaps.map(({ every: _, ...gap }) => gap as LogHealth['gaps'][number]),
    gapCount: Number(gaps[0]?.['every'] ?? 0),
    damaged: damaged as unknown as LogHealth['damaged'],
    ...(typeof newest === 'number' ? { newestAgeMs: Math.max(0, now - newest) } : {}),
    // How much others write is not for a team.
    intake: scope.of === 'all' ? intake : { ...intake, bytesTaken: 0, bytesTotal: 0, records: 0 },
  }
}
