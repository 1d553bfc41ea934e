/** What every check is: a pod and what is known about it in, denials out. A check reads, and decides nothing about others. */
import type { SliceCluster } from '../../policy/slice.ts'
import type { Denial } from '../admission.ts'
import type { Injection } from '../injection.ts'
import type { Pod } from '../pod.ts'

export type Known = {
  readonly injection: Injection
  /** The cluster of the identity, where the pod may use one. */
  readonly cluster: SliceCluster | undefined
}

export type Check = (pod: Pod, known: Known) => readonly Denial[]
