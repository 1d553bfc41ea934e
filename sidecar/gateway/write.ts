/** CREATE and APPEND, step two: the bytes of a client to a DataNode, and no short file left behind. */
import type { IncomingMessage } from 'node:http'
import { KerbsideError } from '../../src/core/errors.ts'
import { keepingLimits, limitRefusal } from '../../src/core/hdfs/limit-refusal.ts'
import { readRemoteException, type Told, tellError, tellOverLimit } from '../../src/core/hdfs/remote-exception.ts'
import type { HdfsRequest } from '../../src/core/hdfs/request.ts'
import type { Limits as DatasetLimits } from '../../src/core/policy/decision/limits.ts'
import type { Client } from './client.ts'
import type { Leg } from './data-nodes.ts'
import { collect } from './exchange.ts'
import { type Hdfs, tellSaid } from './hdfs.ts'
import { isInvalidToken } from './name-nodes.ts'
import { type Outcome, toldOnly } from './outcome.ts'
import { fileAt, type Removal, remove, removeIfNew, type Standing } from './removal.ts'
import { upload } from './upload.ts'
import type { Failure } from './upstream-failure.ts'

/** HttpFS insists on it, DataNodes do not mind. Chunked, so that a body that stops short can be ended properly. */
const HEADERS = { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' }

export type Upload = {
  readonly request: HdfsRequest
  readonly client: Client
  /** Aborts when policy no longer allows the upload, with what to tell. */
  readonly stop: AbortSignal
  /** Of the dataset, at the moment that the upload begins. */
  readonly limits: DatasetLimits | undefined
}

/**
 * A file's length is asked before it is appended to. Two appends at once are refused by HDFS; but one that ends between our
 * question and our append is not counted.
 *
 * @throws KerbsideError before the client was asked for its body
 */
export async function write(hdfs: Hdfs, { request, client, stop, limits = {} }: Upload): Promise<Outcome> {
  const isCreate = request.operation.name === 'CREATE'
  const before = isCreate || limits.fileBytes !== undefined ? await fileAt(hdfs, request.target) : undefined
  const bytesBefore = isCreate ? 0 : (before?.bytes ?? 0)
  const refusal = limitRefusal(limits, request, bytesBefore + client.announcedBytes)
  if (refusal !== undefined) {
    return { ...toldOnly(client.tell(tellOverLimit(request, refusal))), reason: refusal.reason }
  }
  const leg = await hdfs.dataNodes.connect(await keeping(limits, request, hdfs), { headers: HEADERS })
  if ('said' in leg) return toldOnly(client.tell(tellSaid(leg.said)))
  client.askForBody()
  const { fileBytes = Number.POSITIVE_INFINITY } = limits
  // A file that takes an append but does not say how long it is gets nothing.
  const isLengthKnown = isCreate || before !== undefined || limits.fileBytes === undefined
  const bounds = { stop, mostBytes: isLengthKnown ? fileBytes - bytesBefore : 0, limits: hdfs.limits }
  const { answer, bytesWritten, cut, isTooLarge } = await upload(client.request, leg.sent, bounds)
  const said = await whatOf(answer, hdfs, leg)
  const end = { bytesRead: 0, bytesWritten }
  if (said.kind === 'no') return { ...end, status: client.tell(said.told), cut }
  if (said.kind === 'done' && !cut) {
    return { ...end, status: client.tell({ status: said.status, body: '' }), cut, upload: 'complete' }
  }
  const left = await cleanUp(hdfs, request, said, before)
  const tooLarge = isTooLarge ? limitRefusal(limits, request, Number.POSITIVE_INFINITY) : undefined
  const told = tooLarge !== undefined ? tellOverLimit(request, tooLarge) : whyCut(stop)
  const reason = tooLarge === undefined ? {} : { reason: tooLarge.reason }
  return { ...end, status: client.tell(told), cut: true, upload: left, ...reason }
}

const whyCut = (stop: AbortSignal): Told =>
  stop.aborted ? (stop.reason as Told) : tellError(new KerbsideError('datanode-unreachable', 'cut'))

/** Where the dataset limits what HDFS would choose by itself, it is chosen here. */
async function keeping(limits: DatasetLimits, request: HdfsRequest, { defaults }: Hdfs): Promise<HdfsRequest> {
  const isToBeSaid = keepingLimits(request, limits, {}) !== request
  return isToBeSaid ? keepingLimits(request, limits, await defaults.current()) : request
}

/** `no`: nothing was created. `lost`: the connection broke, and nobody said what became of the file. */
type What =
  | { readonly kind: 'done'; readonly status: number }
  | { readonly kind: 'no'; readonly told: Told }
  | { readonly kind: 'lost' }

async function whatOf(answer: IncomingMessage | Failure, hdfs: Hdfs, { delegationToken }: Leg): Promise<What> {
  if ('code' in answer) return { kind: 'lost' }
  const status = answer.statusCode ?? 0
  const body = await collect(answer, hdfs.limits)
  if (status === 200 || status === 201) return { kind: 'done', status }
  const exception = typeof body === 'string' ? readRemoteException(body) : undefined
  if (exception === undefined) return { kind: 'lost' }
  // The body is spent, so this upload cannot be tried again; the next one finds a new delegation token.
  if (isInvalidToken(exception)) hdfs.tokens.replace(delegationToken).catch(() => {})
  return { kind: 'no', told: tellSaid({ status, exception, delegationToken }) }
}

/** What was appended stays: there is no way back. A file that was created short is removed. */
async function cleanUp(
  hdfs: Hdfs,
  { operation, target }: HdfsRequest,
  said: What,
  before: Standing | undefined,
): Promise<Removal> {
  if (operation.name !== 'CREATE') return 'left'
  return said.kind === 'done' ? remove(hdfs, target) : removeIfNew(hdfs, target, before)
}
