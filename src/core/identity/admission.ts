/** What is asked about a pod and what is answered: the words that webhook, broker and command line share. */

import type { Labels } from '../policy/decision/selector.ts'
import { ADMISSION_REASONS, type AdmissionReason } from '../reasons.ts'
import type { PatchOperation } from './json-patch.ts'

/** The label by which a pod asks for an identity. */
export const IDENTITY_LABEL = 'kerbside.io/identity'

export type Admission = {
  /** The pod as JSON, as the API server has it: nothing about it is believed before it was read. */
  readonly pod: unknown
  /** The pod before an update. */
  readonly old?: unknown
  /** From the request, never from the pod. */
  readonly namespace: string
  /** Of the namespace; if absent they are not known, and no identity that asks for one may be used. */
  readonly namespaceLabels?: Labels
  /** The users that OpenShift gives the namespace; if absent it gives none, or that is not known. */
  readonly userRange?: string | undefined
  /** `mutate` makes the patch; `validate` wants a pod that needs none; `running` looks at a pod that lives, as `CREATE`. */
  readonly stage: 'mutate' | 'validate' | 'running'
  readonly operation: 'CREATE' | 'UPDATE'
}

export type Denial = {
  readonly reason: AdmissionReason
  /** Where, why and what to change, in one line. */
  readonly message: string
}

export type Verdict =
  | {
      readonly effect: 'admit'
      /** The identity that the pod may use. */
      readonly identity: string
      /** Empty at `validate`, and when the pod already is as it should be. */
      readonly patch: readonly PatchOperation[]
      readonly warnings: readonly string[]
    }
  | {
      readonly effect: 'deny'
      readonly denials: readonly Denial[]
      /** What was thrown, for the log, when the pod could not be checked. */
      readonly cause?: unknown
    }

/** One denial: the sentence of its reason between where it applies and what to change. */
export function denial(reason: AdmissionReason, told: { where?: string; change: string }): Denial {
  const where = told.where === undefined ? '' : `${told.where}: `
  return { reason, message: `${where}${ADMISSION_REASONS[reason]}; ${told.change}` }
}
