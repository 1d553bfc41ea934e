/** OPEN, step two: the bytes of a file from a DataNode to the client, never more in memory than a socket holds. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { KerbsideError } from '../../src/core/errors.ts'
import { readRemoteException } from '../../src/core/hdfs/remote-exception.ts'
import type { HdfsRequest } from '../../src/core/hdfs/request.ts'
import type { Client } from './client.ts'
import { answered, collect } from './exchange.ts'
import { type Hdfs, tellSaid } from './hdfs.ts'
import { isInvalidToken } from './name-nodes.ts'
import { type Outcome, toldOnly } from './outcome.ts'

/**
 * @param stop aborts when policy no longer allows the read
 * @throws KerbsideError before the first byte was told
 */
export async function read(hdfs: Hdfs, request: HdfsRequest, client: Client, stop: AbortSignal): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const leg = await hdfs.dataNodes.connect(request)
    if ('said' in leg) return toldOnly(client.tell(tellSaid(leg.said)))
    const answering = answered(leg.sent, hdfs.limits)
    client.whenGone(() => leg.sent.destroy())
    leg.sent.end()
    const response = await answering
    if ('code' in response) throw new KerbsideError('datanode-unreachable', 'the DataNode went away', response)
    if (response.statusCode === 200) return stream(response, client, stop)
    const body = await collect(response, hdfs.limits)
    const exception = typeof body === 'string' ? readRemoteException(body) : undefined
    if (exception !== undefined && isInvalidToken(exception) && attempt === 1) {
      await hdfs.tokens.replace(leg.delegationToken)
      continue
    }
    const { delegationToken } = leg
    return toldOnly(client.tell(tellSaid({ status: response.statusCode ?? 0, exception, delegationToken })))
  }
}

/** Once the length is told, an end that comes too soon must show: the connection is cut, so that no client takes it for the whole. */
async function stream(source: IncomingMessage, client: Client, stop: AbortSignal): Promise<Outcome> {
  const length = source.headers['content-length']
  if (length === undefined && source.headers['transfer-encoding'] === undefined) {
    source.destroy()
    throw new KerbsideError('hdfs-broken-answer', 'a DataNode sent a file without saying how long it is')
  }
  let bytesRead = 0
  source.on('data', (chunk: Buffer) => {
    bytesRead += chunk.length
  })
  client.response.writeHead(200, {
    'content-type': 'application/octet-stream',
    ...(length === undefined ? {} : { 'content-length': length }),
  })
  writeTogether(source, client.response)
  try {
    await pipeline(source, client.response, { signal: stop })
    return { status: 200, bytesRead, bytesWritten: 0, cut: false }
  } catch {
    // Both sides are destroyed by now: that is what a pipeline does when either breaks.
    return { status: 200, bytesRead, bytesWritten: 0, cut: true }
  }
}

/** A DataNode sends TLS records of 4 KiB. Those that arrive in one turn of the event loop are written in one call. */
function writeTogether(source: IncomingMessage, response: ServerResponse): void {
  let isGathering = false
  source.on('data', () => {
    if (isGathering) return
    isGathering = true
    response.cork()
    setImmediate(() => {
      isGathering = false
      response.uncork()
    })
  })
}
