/** Removes what a broken upload left: a short file must not look like a whole one. Never removes somebody else's. */
import { KerbsideError } from '../../src/core/errors.ts'
import type { Target } from '../../src/core/hdfs/target.ts'
import type { Hdfs } from './hdfs.ts'

/** `left`: a file stands there that was not removed. */
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
 * Nobody said whether the file was created: the DataNode died. It was when another inode stands there than before, also
 * where it overwrote a file. The inode from before is a file that was not touched, and stays.
 *
 * @param before what {@link fileAt} gave before the DataNode was asked
 */
export async function removeIfNew(hdfs: Hdfs, target: Target, before: Standing | undefined): Promise<Removal> {
  try {
    const now = await fileAt(hdfs, target)
    if (now === undefined) return 'removed'
    return now.inode === before?.inode ? 'left' : await remove(hdfs, target)
  } catch {
    return 'left'
  }
}

/** What stands at a path. HDFS never gives the number of an inode twice. */
export type Standing = { readonly inode: number; readonly bytes: number }

/** Nothing when there is no file, or none that the principal may see. */
export async function fileAt({ nameNodes }: Hdfs, target: Target): Promise<Standing | undefined> {
  const query = [['op', 'GETFILESTATUS'] as const]
  const { status, body } = await nameNodes.ask({ method: 'GET', target, query, repeatable: true })
  if (status !== 200) return undefined
  const { FileStatus } = JSON.parse(body) as { FileStatus?: { fileId?: unknown; length?: unknown } }
  const { fileId: inode, length: bytes } = FileStatus ?? {}
  if (typeof inode === 'number' && typeof bytes === 'number') return { inode, bytes }
  throw new KerbsideError('hdfs-broken-answer', 'a FileStatus without fileId or length')
}
