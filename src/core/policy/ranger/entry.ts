/** One line of the report: what became of one policy for one subject or principal, and where that matters. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { RangerPolicy } from './export.ts'
import { covers, type Extent } from './extent.ts'
import type { Reason, Status } from './reasons.ts'

export type Entry = {
  readonly policy: { readonly id: number | undefined; readonly name: string }
  /** `team:quant`, or a principal of Ranger such as `group:research`; empty when it is about nobody. */
  readonly who: string
  readonly effect: 'allow' | 'deny' | undefined
  readonly status: Status
  readonly reason?: Reason
  /** Another policy that is the cause. */
  readonly because?: string
  /** Where it matters. Elsewhere, and for others, the entry says nothing. */
  readonly extents: readonly Extent[]
  /** Names of the written grants. */
  readonly grants: readonly string[]
}

export const named = ({ id, name }: RangerPolicy): Entry['policy'] => ({ id: id ?? undefined, name })

const EXACT: ReadonlySet<Status> = new Set<Status>(['carried', 'ignored'])

/** Whether everything is in the written documents to the letter. */
export const isExact = ({ status }: Entry): boolean => EXACT.has(status)

/**
 * Whether the report says "carried" of everything that touches a subject on a path. There, and only there, Ranger and the
 * written documents are claimed to agree; everywhere else they allow no more than Ranger, but what is said to be wider.
 */
export function isCarried(entries: readonly Entry[], subject: string, path: HdfsPath): boolean {
  return entries.every(
    (entry) => isExact(entry) || entry.who !== subject || !entry.extents.some((extent) => covers(extent, path)),
  )
}
