/** What a policy change does to access, as a list that a person can go through. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Action } from '../action.ts'
import type { GrantRef } from '../decision/decision.ts'
import type { PodContext } from '../decision/pod-condition.ts'

/** `changed`: other conditions, of which too many could be combined to say whether more or less is allowed. */
export const DIRECTIONS = ['gained', 'lost', 'changed'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** One place and moment where the two policies differ. */
export type Witness = {
  readonly identity: string
  readonly path: HdfsPath
  readonly action: Action
  readonly time: number
  readonly pod: PodContext
}

/** A grant that makes the difference. */
export type CauseRef = GrantRef & { readonly effect: 'allow' | 'deny'; readonly side: 'before' | 'after' }

export type AccessChange = {
  readonly direction: Direction
  /**
   * `access`: to paths and what is below them; `root`: only to the paths themselves, by a change of `protect`;
   * `look`: to see the paths themselves, because a grant leads there.
   */
  readonly kind: 'access' | 'root' | 'look'
  readonly cluster: string
  readonly team: string
  /** Absent when it is so for all identities of the team in the cluster. */
  readonly identity?: string
  readonly actions: readonly Action[]
  /** That the paths belong to, where the access is or was. */
  readonly dataset?: string
  readonly paths: readonly HdfsPath[]
  /** Whether the paths are all prefixes of the dataset. */
  readonly isWhole: boolean
  /** Below the paths, in the same dataset, where it is not so. */
  readonly except: readonly HdfsPath[]
  /** When it is allowed on each side: `always`, `never`, or conditions. */
  readonly was: string
  readonly is: string
  readonly causes: readonly CauseRef[]
  /** Absent for `changed`. */
  readonly witness?: Witness
}
