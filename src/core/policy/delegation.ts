/** Which documents a team may write by itself: what `kerbside policy check --author` holds a change against. */

import type { HdfsPath } from '../hdfs/path.ts'
import type { Action } from './action.ts'

export const DELEGATED_KINDS = ['Grant', 'Dataset', 'Identity', 'PolicyTest'] as const
export type DelegatedKind = (typeof DELEGATED_KINDS)[number]

export type Delegation = {
  readonly name: string
  readonly team: string
  readonly cluster: string
  readonly kinds: readonly DelegatedKind[]
  /** By name, those that its selector found among them. */
  readonly datasets: readonly string[]
  /** At or below which the team may place datasets. */
  readonly prefixes: readonly HdfsPath[]
  /** Labels that its datasets may carry, and the values of each. */
  readonly labels: ReadonlyMap<string, readonly string[]>
  /** Whom it may grant to; everyone if absent. */
  readonly teams?: readonly string[]
  /** The most that its grants may allow. */
  readonly actions: readonly Action[]
  readonly at: string
}
