/**
 * Step one of what DataNodes answer: the client is sent on to ourselves, and comes back with the bytes or for them. A file that
 * is not there is told at once, as a NameNode does: Hadoop's client takes a redirect for "it is open".
 */
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import { type HdfsRequest, stepTwo } from '../../src/core/hdfs/request.ts'
import type { Client } from './client.ts'
import { type Hdfs, tellSaid } from './hdfs.ts'

/**
 * Moves nothing, and the URL that it gives is decided again: so what is well is not recorded, and what is not is.
 * @returns why the client is not sent on
 */
export async function firstStep(hdfs: Hdfs, request: HdfsRequest, client: Client): Promise<Told | undefined> {
  const no = request.operation.name === 'CREATE' ? undefined : await whyNot(hdfs, request)
  if (no === undefined) client.redirect(stepTwo(request), request.redirectInBody)
  return no
}

/** A NameNode looks at nothing when it is asked where to create a file. */
async function whyNot({ dataNodes }: Hdfs, request: HdfsRequest): Promise<Told | undefined> {
  const said = await dataNodes.lookUp(request)
  return said === undefined ? undefined : tellSaid(said)
}
