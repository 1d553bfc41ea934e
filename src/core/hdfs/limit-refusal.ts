/** Limits of a dataset on what is written: whether a request keeps them, and how it is sent so that HDFS keeps them too. */
import type { Decision, ShadowDecision } from '../policy/decision/decision.ts'
import type { Limits } from '../policy/decision/limits.ts'
import type { Mode } from '../policy/slice.ts'
import type { PolicyReason } from '../reasons.ts'
import type { ParameterName, Parameters } from './parameters.ts'
import type { HdfsRequest } from './request.ts'

export type LimitRefusal = {
  readonly reason: Extract<PolicyReason, 'file-too-large' | 'too-many-replicas' | 'block-too-large'>
  readonly limit: NonNullable<Decision['limit']>
}

type Writing = Pick<HdfsRequest, 'operation' | 'parameters'>

/**
 * The first limit that a request would pass, if any. A limit itself may be reached.
 *
 * CONCAT is asked about with the bytes of all its sources and its target; TRUNCATE never, since it only shortens. RENAME
 * moves a file as it is, whatever its size: limits are on what is written.
 *
 * @param fileBytes of the file afterwards, as far as they are known
 */
export function limitRefusal(
  limits: Limits | undefined,
  { operation: { name }, parameters }: Writing,
  fileBytes: number,
): LimitRefusal | undefined {
  if (limits === undefined || !LIMITED.has(name)) return undefined
  return (
    above('file-too-large', fileBytes, limits.fileBytes) ??
    above('too-many-replicas', numberAt(parameters, 'replication'), limits.replication) ??
    above('block-too-large', numberAt(parameters, 'blocksize'), limits.blockBytes)
  )
}

const LIMITED = new Set(['CREATE', 'APPEND', 'CONCAT', 'SETREPLICATION'])

const above = (
  reason: LimitRefusal['reason'],
  wanted: number | undefined,
  most: number | undefined,
): LimitRefusal | undefined =>
  wanted === undefined || most === undefined || wanted <= most ? undefined : { reason, limit: { wanted, most } }

/** Of those too large for a number only the comparison counts, and it holds: no limit is that large. */
function numberAt(parameters: Parameters, name: ParameterName): number | undefined {
  const text = parameters.get(name)
  return text === undefined ? undefined : Number(text)
}

type Verdict = Pick<Decision, 'effect'> & { readonly shadow?: ShadowDecision }
type Overruled = Partial<Pick<Decision, 'effect' | 'reason' | 'grants' | 'shadow' | 'limit'>>

/** What a refusal makes of a verdict: laid over it. A deny stays what it is; in shadow it is only said. */
export function overruled(verdict: Verdict, refusal: LimitRefusal | undefined, mode: Mode): Overruled {
  if (refusal === undefined || verdict.effect === 'deny') return {}
  const denied = { effect: 'deny', reason: refusal.reason, grants: [] } as const
  if (mode === 'enforce') return { ...denied, limit: refusal.limit }
  return verdict.shadow?.effect === 'deny' ? {} : { reason: 'shadow', shadow: denied }
}

/** What HDFS takes where a client says nothing. */
export type WriteDefaults = { readonly replication?: number; readonly blockBytes?: number }

/** A block is a whole number of checksums, or HDFS refuses it (`dfs.bytes-per-checksum`). */
const CHECKSUM_BYTES = 512

/**
 * A CREATE with its replication and block size spelled out where they are limited and the client left them to HDFS: the
 * DataNode's own default, or the limit where that is lower. A default that is not known counts as above the limit.
 */
export function keepingLimits<R extends Writing>(request: R, limits: Limits, defaults: WriteDefaults): R {
  const { operation, parameters } = request
  if (operation.name !== 'CREATE') return request
  const added: [ParameterName, string][] = []
  const { replication, blockBytes } = limits
  if (replication !== undefined && !parameters.has('replication')) {
    added.push(['replication', String(Math.min(replication, defaults.replication ?? replication))])
  }
  if (blockBytes !== undefined && !parameters.has('blocksize')) {
    const bytes = Math.min(blockBytes, defaults.blockBytes ?? blockBytes)
    added.push(['blocksize', String(bytes - (bytes % CHECKSUM_BYTES) || bytes)])
  }
  return added.length === 0 ? request : { ...request, parameters: new Map([...parameters, ...added]) }
}
