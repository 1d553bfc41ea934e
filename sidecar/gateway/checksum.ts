/** GETFILECHECKSUM, step two: a DataNode's short answer, held and told. */
import { KerbsideError } from '../../src/core/errors.ts'
import { readRemoteException, type Told } from '../../src/core/hdfs/remote-exception.ts'
import type { HdfsRequest } from '../../src/core/hdfs/request.ts'
import { answered, collect } from './exchange.ts'
import { type Hdfs, tellSaid } from './hdfs.ts'
import { isInvalidToken } from './name-nodes.ts'

/** @throws KerbsideError as `DataNodes.connect`, or when the DataNode goes away */
export async function askChecksum(hdfs: Hdfs, request: HdfsRequest): Promise<Told> {
  for (let attempt = 1; ; attempt++) {
    const leg = await hdfs.dataNodes.connect(request)
    if ('said' in leg) return tellSaid(leg.said)
    const { sent, delegationToken } = leg
    const answering = answered(sent, hdfs.limits)
    sent.end()
    const response = await answering
    if ('code' in response) throw new KerbsideError('datanode-unreachable', 'the DataNode went away', response)
    const body = await collect(response, hdfs.limits)
    if (typeof body !== 'string') throw new KerbsideError('datanode-unreachable', 'the DataNode went away', body)
    const status = response.statusCode ?? 0
    if (status === 200) return { status, body }
    const exception = readRemoteException(body)
    if (exception === undefined || !isInvalidToken(exception) || attempt > 1) {
      return tellSaid({ status, exception, delegationToken })
    }
    await hdfs.tokens.replace(delegationToken)
  }
}
