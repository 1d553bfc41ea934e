/** A DataNode that begins to send a file, or what it says of one. */
import type { IncomingMessage } from 'node:http'
import { KerbsideError } from '../../src/core/errors.ts'
import { readRemoteException, type Told } from '../../src/core/hdfs/remote-exception.ts'
import type { HdfsRequest } from '../../src/core/hdfs/request.ts'
import type { Client } from './client.ts'
import { answered, collect } from './exchange.ts'
import { type Hdfs, tellSaid } from './hdfs.ts'
import { isInvalidToken } from './name-nodes.ts'

export type Reading = {
  readonly request: HdfsRequest
  readonly client: Client
  /** Aborts when policy no longer allows the read. */
  readonly stop: AbortSignal
}

/** A DataNode that begins to send. */
export type Source = { readonly response: IncomingMessage; readonly addresses: readonly string[] }

/**
 * A DataNode that goes away before it answers is like one that does not connect: another is asked for.
 * @param avoided addresses of DataNodes that broke off already
 */
export async function openAt(
  hdfs: Hdfs,
  { request, client }: Reading,
  avoided: readonly string[],
): Promise<Source | { readonly told: Told }> {
  const gone = [...avoided]
  for (let tokens = 1; ; ) {
    const leg = await hdfs.dataNodes.connect(request, { avoided: gone })
    if ('said' in leg) return { told: tellSaid(leg.said) }
    const { sent, delegationToken } = leg
    const answering = answered(sent, hdfs.limits)
    const hasAnswered = client.whenGone(() => sent.destroy())
    sent.end()
    const response = await answering
    hasAnswered()
    if ('code' in response) {
      gone.push(...(await leg.addresses()))
      if (!client.isGone && gone.length > 0 && gone.length < hdfs.limits.dataNodes) continue
      throw new KerbsideError('datanode-unreachable', 'the DataNode went away', response)
    }
    if (response.statusCode === 200) return { response, addresses: await leg.addresses() }
    const body = await collect(response, hdfs.limits)
    const exception = typeof body === 'string' ? readRemoteException(body) : undefined
    if (exception === undefined || !isInvalidToken(exception) || tokens > 1) {
      return { told: tellSaid({ status: response.statusCode ?? 0, exception, delegationToken }) }
    }
    tokens += 1
    await hdfs.tokens.replace(delegationToken)
  }
}

/** Bytes that come, as the DataNode announces them. Not finite where it sends chunks, which Hadoop's do not. */
export function lengthOf(source: IncomingMessage): number {
  const { 'content-length': length, 'transfer-encoding': coding } = source.headers
  if (length !== undefined) return Number(length)
  if (coding !== undefined) return Number.NaN
  source.destroy()
  throw new KerbsideError('hdfs-broken-answer', 'a DataNode sent a file without saying how long it is')
}
