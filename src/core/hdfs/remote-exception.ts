/** How a "no" or an error is told to a WebHDFS client: a RemoteException whose message is a sentence that says why. */
import type { KerbsideError } from '../errors.ts'
import type { Decision } from '../policy/decision/decision.ts'
import { POLICY_REASONS, REQUEST_REASONS, type RequestReason } from '../reasons.ts'
import type { LimitRefusal } from './limit-refusal.ts'
import type { HdfsRequest } from './request.ts'

/** Body and status of one answer. Never 401: the Java client turns it into a sentence without detail. */
export type Told = { readonly status: number; readonly body: string }

/** Full names, by which the Java client finds the class to throw. */
const JAVA_CLASSES: ReadonlyMap<string, string> = new Map([
  ['AccessControlException', 'org.apache.hadoop.security.AccessControlException'],
  ['FileNotFoundException', 'java.io.FileNotFoundException'],
  ['IllegalArgumentException', 'java.lang.IllegalArgumentException'],
  ['IOException', 'java.io.IOException'],
  ['RetriableException', 'org.apache.hadoop.ipc.RetriableException'],
  ['UnsupportedOperationException', 'java.lang.UnsupportedOperationException'],
])

const DENIED = { status: 403, exception: 'AccessControlException' } as const
const MALFORMED = { status: 400, exception: 'IllegalArgumentException' } as const

const REFUSALS = {
  'bad-target': { status: 404, exception: 'FileNotFoundException' },
  'bad-host': DENIED,
  'web-page': DENIED,
  'bad-encoding': MALFORMED,
  'double-encoding': MALFORMED,
  'relative-path': MALFORMED,
  'empty-segment': MALFORMED,
  'dot-segment': MALFORMED,
  'reserved-path': DENIED,
  'snapshot-path': DENIED,
  'control-character': MALFORMED,
  'matrix-parameter': MALFORMED,
  'path-too-long': MALFORMED,
  'bad-parameter': MALFORMED,
  'duplicate-parameter': MALFORMED,
  'identity-parameter': DENIED,
  'unknown-operation': MALFORMED,
  'unsupported-operation': { status: 400, exception: 'UnsupportedOperationException' },
  'wrong-method': MALFORMED,
  'foreign-peer': DENIED,
} as const satisfies Record<RequestReason, { status: number; exception: string }>

/** `quant-research may not read /data/weather/x.csv: the path is in no dataset … (no-dataset)`. */
export function tellDenial(identity: string, { demand, reason, limit }: Decision): Told {
  const where = demand.scope === 'this' ? demand.path : `${demand.path} and all below it`
  const most = limit === undefined ? '' : `, ${limit.wanted} where ${limit.most} is the most`
  const sentence = `${identity} may not ${demand.action} ${where}: ${POLICY_REASONS[reason]}${most} (${reason})`
  return { status: 403, body: remoteException('AccessControlException', sentence) }
}

/** A limit that showed only after the decision, in the words of a denial. */
export function tellOverLimit({ operation, target }: HdfsRequest, { reason, limit }: LimitRefusal): Told {
  const wanted = Number.isFinite(limit.wanted) ? `${limit.wanted} bytes` : 'more'
  const sentence = `${operation.name} of ${target.path} stopped: ${POLICY_REASONS[reason]}, ${wanted} where ${limit.most} is the most (${reason})`
  return { status: 403, body: remoteException('AccessControlException', sentence) }
}

/** `GETACLSTATUS refused: the operation is not offered through the gateway (unsupported-operation)`. */
export function tellRefusal(operation: string, reason: RequestReason): Told {
  const { status, exception } = REFUSALS[reason]
  const what = /^[A-Z_]{1,64}$/.test(operation) ? `${operation} refused` : 'request refused'
  return { status, body: remoteException(exception, `${what}: ${REQUEST_REASONS[reason]} (${reason})`) }
}

/** What went wrong on our side, without a name of a host, a file or a principal. */
export function tellError({ told, code }: KerbsideError): Told {
  return { status: told.status, body: remoteException(told.exception, `${told.sentence} (${code})`) }
}

/** What HDFS itself said, in its own words but for what `hide` finds. */
export function tellHdfs(status: number, said: RemoteException, hide: (message: string) => string): Told {
  const { exception, javaClassName } = said
  return {
    status,
    body: JSON.stringify({ RemoteException: { exception, javaClassName, message: hide(said.message) } }),
  }
}

export type RemoteException = {
  /** Simple name, by which failover and denial are told apart: both are 403. */
  readonly exception: string
  readonly javaClassName: string
  readonly message: string
}

/** The RemoteException in an answer of HDFS, if it is one. */
export function readRemoteException(body: string): RemoteException | undefined {
  try {
    const { RemoteException: said } = JSON.parse(body) as { RemoteException?: Record<string, unknown> }
    if (typeof said?.['exception'] !== 'string') return undefined
    const { exception, javaClassName, message } = said
    return { exception, javaClassName: text(javaClassName), message: text(message) }
  } catch {
    return undefined
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function remoteException(exception: string, message: string): string {
  const javaClassName = JAVA_CLASSES.get(exception) ?? 'java.io.IOException'
  return JSON.stringify({ RemoteException: { exception, javaClassName, message } })
}
