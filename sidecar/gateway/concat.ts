/** CONCAT: whether the file that comes of it would be larger than its dataset allows. */
import { sourcesOf } from '../../src/core/hdfs/demands.ts'
import { limitRefusal } from '../../src/core/hdfs/limit-refusal.ts'
import { type Told, tellOverLimit } from '../../src/core/hdfs/remote-exception.ts'
import type { HdfsRequest } from '../../src/core/hdfs/request.ts'
import type { Reason } from '../../src/core/reasons.ts'
import type { Gate } from './gate.ts'
import { fileAt } from './removal.ts'

/** Files that are not there have no bytes: HDFS will say that they are not. */
export async function concatRefusal(
  gate: Gate,
  request: HdfsRequest,
): Promise<{ readonly told: Told; readonly reason: Reason } | undefined> {
  const { slice, limitsAt } = gate.rules()
  const limits = limitsAt(request.target.path)
  if (slice.mode === 'shadow' || limits?.fileBytes === undefined) return undefined
  const targets = [request.target, ...sourcesOf(request.parameters).map((path) => ({ path }))]
  const files = await Promise.all(targets.map((target) => fileAt(gate.hdfs, target)))
  const bytes = files.reduce((sum, file) => sum + (file?.bytes ?? 0), 0)
  const refusal = limitRefusal(limits, request, bytes)
  return refusal === undefined ? undefined : { told: tellOverLimit(request, refusal), reason: refusal.reason }
}
