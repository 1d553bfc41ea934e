/** Everyone who touched a dataset, against everyone who may. */

import type { Standing } from '../../core/policy/access/who-can.ts'
import type { Action } from '../../core/policy/action.ts'

export type DatasetAsked = {
  readonly dataset: string
  /** Milliseconds since the epoch: who touched it from here on, and before there. */
  readonly from?: number
  readonly until?: number
}

export type DatasetAnswer = {
  /** Absent when today's policy has no such dataset, or no policy is known. */
  readonly today?: {
    readonly cluster: string
    readonly owner: string
    readonly prefixes: readonly string[]
    /** `teams/quant.yaml:12`. */
    readonly at: string
    readonly bundle: string
  }
  /** Whoever touched most comes first; then whoever only may. */
  readonly people: readonly DatasetPerson[]
}

export type DatasetPerson = {
  readonly team: string
  readonly identity: string
  /** Absent for whoever may and did not. */
  readonly touched?: {
    readonly operations: number
    readonly denied: number
    readonly bytesRead: number
    readonly bytesWritten: number
    readonly first: number
    readonly last: number
    readonly names: readonly { readonly operation: string; readonly count: number }[]
  }
  /** Absent when today's policy is not known. Empty for whoever touched it and may not any more. */
  readonly may?: readonly May[]
}

/** What somebody may do at all prefixes of the dataset, or at some, or only at places below that are granted by themselves. */
export type May = {
  readonly action: Action
  readonly standing: Standing
  readonly isWhole: boolean
  /** `until 2027-…, in namespace ml-quant`. */
  readonly when: string
  /** `name@teams/quant.yaml:12`. */
  readonly grants: readonly string[]
}
