/** What the two ways of answering who can, for one path and for all below it, have in common. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Action } from '../action.ts'
import type { Bundle, Grant } from '../bundle.ts'
import type { Situation } from './situations.ts'

export type Asked = {
  readonly action: Action
  readonly path: HdfsPath
  readonly cluster: string
  /** What was before this moment is over. */
  readonly at: number
}

export type Answers = {
  /** With the grants that have to do with it, and no others. */
  readonly bundle: Bundle
  /** Undefined for who may not, whenever it is. @param mine the bundle with the identity's own grants */
  answerOf(identity: Identity, mine: Bundle): Answer | undefined
}

/** What an identity's grants say of the demand. */
export type Answer = {
  /** `ancestor`: the path may be looked at because it leads to what is granted. */
  readonly by: 'grant' | 'ancestor'
  readonly dataset?: string
  /** `until 2027-…, in namespace ml-quant`. */
  readonly when: string
  readonly allows: readonly Grant[]
  /** Those that take it away again in some moments or pods. */
  readonly denies: readonly Grant[]
  holdsIn(situation: Situation): boolean
}

export const isAtOrBelow = (path: HdfsPath, top: HdfsPath): boolean =>
  path === top || top === '/' || path.startsWith(`${top}/`)
