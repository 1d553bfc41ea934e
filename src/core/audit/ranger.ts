/**
 * Operations as Ranger's own audit has them: `AuthzAuditEvent` of Ranger 2.x as Gson writes it, one for an operation with its end.
 * Ranger audits accesses only, so other records have no such event. Source: agents-audit, org.apache.ranger.audit.model.
 */
import { findOperation } from '../hdfs/operations.ts'
import type { Row } from './row.ts'

export type RangerEvent = Readonly<Record<string, unknown>>

/** EmbeddedServiceDefsUtil: the repository type of HDFS. */
const HDFS = 1
const LONGEST_REQUEST = 1800

/** Nothing for a row that is no operation, or whose start is not known: Ranger has no event without a decision. */
export function toRanger(row: Row): RangerEvent | undefined {
  if (row.of !== 'operation') return undefined
  const { start, end } = row
  const { who, what, why, sidecar, sequence, time } = start
  const request = `${what.operation}${what.destination === undefined ? '' : ` to ${what.destination}`}`
  return {
    repoType: HDFS,
    repo: 'kerbside',
    reqUser: who.principal,
    // java.text.SimpleDateFormat `yyyy-MM-dd HH:mm:ss.SSS`, in UTC.
    evtTime: time.replace('T', ' ').replace('Z', ''),
    access: what.operation,
    resource: what.path,
    resType: 'path',
    action: actionOf(what.operation),
    result: why.effect === 'allow' ? 1 : 0,
    agent: 'kerbside',
    // Ranger numbers its policies; ours have names, which `additional_info` tells.
    policy: -1,
    reason: why.reason,
    enforcer: 'kerbside-acl',
    sess: sidecar,
    cliType: what.client ?? '',
    reqData: request.slice(0, LONGEST_REQUEST),
    agentHost: who.pod,
    logType: 'RangerAudit',
    id: `${sidecar}-${sequence}`,
    seq_num: sequence,
    event_count: 1,
    event_dur_ms: Math.round(end?.end.durationMs ?? 0),
    tags: [],
    additional_info: JSON.stringify({
      team: who.team,
      identity: who.identity,
      namespace: who.namespace,
      ...(who.owner === undefined ? {} : { owner: who.owner }),
      dataset: what.dataset,
      grants: why.grants,
      bundle: why.bundle,
      ...(why.shadow === undefined ? {} : { shadow: why.shadow }),
    }),
  }
}

/** The three of HDFS's permissions: whatever changes something writes. */
function actionOf(operation: string): 'read' | 'write' | 'execute' {
  const method = findOperation(operation)?.method
  if (method !== 'GET' && method !== undefined) return 'write'
  return operation === 'GETFILESTATUS' ? 'execute' : 'read'
}
