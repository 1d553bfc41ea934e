/** The neutral word between front ends and policy: WebHDFS makes demands today, native RPC will make the same. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Action } from '../action.ts'

/**
 * One thing that an operation needs. `subtree` means: on the path and on everything that is or may come to be below it.
 * A path inside a snapshot is demanded as its live path, with `snap-read` as a demand of its own.
 */
export type Demand = {
  readonly action: Action
  readonly path: HdfsPath
  readonly scope: 'this' | 'subtree'
}
