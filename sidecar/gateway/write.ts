/** CREATE and APPEND, step two: the bytes of a client to a DataNode, and no short file left behind. */
import type { IncomingMessage } from 'node:http'
import { KerbsideError } from '../../src/core/errors.ts'
import { readRemoteException, type Told, tellError } from '../../src/core/hdfs/remote-exception.ts'
import type { HdfsRequest } from '../../src/core/hdfs/request.ts'
import type { Client } from './client.ts'
import type { Leg } from './data-nodes.ts'
import { collect } from './exchange.ts'
import { type Hdfs, tellSaid } from './hdfs.ts'
import { isInvalidToken } from './name-nodes.ts'
import { type Outcome, toldOnly } from './outcome.ts'
import { type Inode, inodeOf, type Removal, remove, removeIfNew } from './removal.ts'
import { upload } from './upload.ts'
import type { Failure } from './upstream-failure.ts'

/** HttpFS insists on it, DataNodes do not mind. Chunked, so that a body that stops short can be ended properly. */
const HEADERS = { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' }

/**
 * @param stop aborts when policy no longer allows the upload, with what to tell
 * @throws KerbsideError before the client was asked for its body
 */
export async function write(hdfs: Hdfs, request: HdfsRequest, client: Client, stop: AbortSignal): Promise<Outcome> {
  const before = request.operation.name === 'CREATE' ? await inodeOf(hdfs, request.target) : undefined
  const leg = await hdfs.dataNodes.connect(request, HEADERS)
  if ('said' in leg) return toldOnly(client.tell(tellSaid(leg.said)))
  client.askForBody()
  const { answer, bytesWritten, cut } = await upload(client.request, leg.sent, stop, hdfs.limits)
  const said = await whatOf(answer, hdfs, leg)
  const end = { bytesRead: 0, bytesWritten }
  if (said.kind === 'no') return { ...end, status: client.tell(said.told), cut }
  if (said.kind === 'done' && !cut) {
    return { ...end, status: client.tell({ status: said.status, body: '' }), cut, upload: 'complete' }
  }
  const left = await cleanUp(hdfs, request, said, before)
  const told = stop.aborted ? (stop.reason as Told) : tellError(new KerbsideError('datanode-unreachable', 'cut'))
  return { ...end, status: client.tell(told), cut: true, upload: left }
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
async function cleanUp(hdfs: Hdfs, { operation, target }: HdfsRequest, said: What, before: Inode): Promise<Removal> {
  if (operation.name !== 'CREATE') return 'left'
  return said.kind === 'done' ? remove(hdfs, target) : removeIfNew(hdfs, target, before)
}
