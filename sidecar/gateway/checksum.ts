/** GETFILECHECKSUM, step two: a DataNode's short answer, held and told. */
import { KerbsideError } from '../../src/core/errors.ts'
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import { collect } from './exchange.ts'
import type { Hdfs } from './hdfs.ts'
import { openAt, type Reading } from './source.ts'

/** @throws KerbsideError as `openAt`, or when the DataNode goes away in its answer */
export async function askChecksum(hdfs: Hdfs, reading: Reading): Promise<Told> {
  const source = await openAt(hdfs, reading, [])
  if ('told' in source) return source.told
  const body = await collect(source.response, hdfs.limits)
  if (typeof body === 'string') return { status: 200, body }
  throw new KerbsideError('datanode-unreachable', 'the DataNode went away', body)
}
