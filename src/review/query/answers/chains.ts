/** Runs the chains: what is proved of each, and by whose signature. */
import { countersigned } from '../../../core/audit/countersigned.ts'
import { followChain } from '../../../io/audit/chain.ts'
import { type CheckpointsRead, hashBytes, readCheckpoints } from '../../../io/audit/checkpoints.ts'
import { bySidecar } from '../../../io/audit/copies.ts'
import { readAuditDirectory } from '../../../io/audit/directory.ts'
import { readTrustedKeys } from '../../../io/policy/bundle-keys.ts'
import type { ChainsAnswer, ChainsAsked, ProvedChain } from '../chains.ts'
import type { Scope } from '../scope.ts'
import type { Database } from '../store/database.ts'

export type ChainSources = {
  readonly directory: string
  /** Folder of checkpoints, and the public keys that sign them. */
  readonly checkpoints?: { readonly directory: string; readonly keysFile: string }
}

export async function chains(
  database: Database,
  { onProgress }: ChainsAsked,
  { directory, checkpoints, scope }: ChainSources & { readonly scope: Scope },
): Promise<ChainsAnswer> {
  const ours = await chainsOf(database, scope)
  const logs = (await readAuditDirectory(directory)).filter(({ sidecar }) => ours === undefined || ours.has(sidecar))
  const read = await checkpointsRead(checkpoints)
  const total = logs.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  const proved: ProvedChain[] = []
  for (const copies of bySidecar(logs)) {
    const signed = countersigned(read?.bySidecar.get(copies[0]?.sidecar ?? '') ?? [], hashBytes)
    const report = await followChain(copies, (record) => signed.add(record))
    const fault = signed.fault()
    proved.push({
      ...report,
      ...(read === undefined
        ? {}
        : { countersigned: { provedTo: signed.provedTo(), ...(fault === undefined ? {} : { fault }) } }),
    })
    done += copies.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0)
    onProgress?.(done, total)
  }
  const known = new Set(logs.map(({ sidecar }) => sidecar))
  return {
    chains: [...proved, ...lostChains(read, known, ours)],
    ...(read === undefined
      ? {}
      : { checkpoints: { count: read.count, faults: scope.of === 'all' ? read.faults : [] } }),
  }
}

/** Signed, and nowhere any more. A team is told of those that had come in before. */
function lostChains(
  read: CheckpointsRead | undefined,
  known: ReadonlySet<string>,
  ours: ReadonlySet<string> | undefined,
): readonly ProvedChain[] {
  return [...(read?.bySidecar ?? [])]
    .filter(([sidecar]) => !known.has(sidecar) && (ours === undefined || ours.has(sidecar)))
    .map(([sidecar, parts]) => ({
      sidecar,
      records: 0,
      gaps: [],
      unfinishedBytes: 0,
      countersigned: {
        provedTo: 0,
        fault: { fault: 'missing', from: 0, to: Math.max(...parts.map(({ to }) => to)) },
      },
    }))
}

async function checkpointsRead(given: ChainSources['checkpoints']): Promise<CheckpointsRead | undefined> {
  return given === undefined ? undefined : readCheckpoints(given.directory, await readTrustedKeys(given.keysFile))
}

/** Those that hold records of the team and of nobody else; undefined for all. */
export async function chainsOf(database: Database, scope: Scope): Promise<ReadonlySet<string> | undefined> {
  if (scope.of === 'all') return undefined
  const rows = await database.reading(({ ask }) =>
    ask('SELECT sidecar FROM chains GROUP BY sidecar HAVING bool_and(team = $scope)', { scope: scope.team }),
  )
  return new Set(rows.map(({ sidecar }) => String(sidecar)))
}
