/** Removes what a broken upload left: a short file must not look like a whole one. Never removes what may be somebody else's. */
import type { Target } from '../../src/core/hdfs/target.ts'
import type { Hdfs } from './hdfs.ts'

export type Removal = 'removed' | 'left'

/** Removes a file that the DataNode said it created for us. */
export async function remove({ nameNodes }: Hdfs, target: Target): Promise<Removal> {
  try {
    const query = [['op', 'DELETE'] as const, ['recursive', 'false'] as const]
    const { status } = await nameNodes.ask({ method: 'DELETE', target, query, repeatable: false })
    return status === 200 ? 'removed' : 'left'
  } catch {
    return 'left'
  }
}

/**
 * Nobody said whether the file was created: the DataNode died. It is ours when it is younger than our request, by the
 * NameNode's own clock, which is told to the second. A file that stood there before may be untouched, so in doubt it stays.
 *
 * @param namedAt when the NameNode named the DataNode, milliseconds since the epoch
 */
export async function removeIfYounger(hdfs: Hdfs, target: Target, namedAt: number): Promise<Removal> {
  try {
    const query = [['op', 'GETFILESTATUS'] as const]
    const { status, body } = await hdfs.nameNodes.ask({ method: 'GET', target, query, repeatable: true })
    if (status === 404) return 'removed'
    const modifiedAt = modificationTimeIn(body)
    return modifiedAt >= namedAt + 1000 ? await remove(hdfs, target) : 'left'
  } catch {
    return 'left'
  }
}

function modificationTimeIn(body: string): number {
  const { FileStatus } = JSON.parse(body) as { FileStatus?: { modificationTime?: unknown } }
  return Number(FileStatus?.modificationTime)
}
