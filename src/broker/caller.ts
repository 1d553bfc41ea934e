/** Who asks the broker: a sidecar, known by the pod that its service-account token is bound to. */
import type { Owner } from '../core/audit/record.ts'
import type { Labels } from '../core/policy/decision/selector.ts'
import type { BrokerReason } from '../core/reasons.ts'

/** The one audience of tokens that the broker takes. Only the sidecar has one mounted. */
export const AUDIENCE = 'kerbside.io'

export type Caller = {
  readonly namespace: string
  /** Of its namespace and pod when it began to ask; not known when there is no API server. Later changes are not seen. */
  readonly namespaceLabels?: Labels
  readonly podLabels?: Labels
  readonly serviceAccount: string
  readonly pod: string
  readonly podUid: string
  /** What made the pod, as the pod says; not known when there is no API server. */
  readonly owner?: Owner
  /** The identity that the pod may use. */
  readonly identity: string
  /** When its token expires, milliseconds since the epoch: nothing is served longer. */
  readonly expiresAt: number
}

/** The reason is told, `detail` only logged: whoever guesses must not learn what there is. */
export type Refusal = { readonly reason: BrokerReason; readonly detail: string }

export type Asked = { readonly token: string; readonly identity: string }

/**
 * Whether a token is of a pod that may be an identity.
 * @throws KerbsideError when it cannot be found out now, which is no refusal and no leave either
 */
export type RecogniseCaller = (asked: Asked) => Promise<Caller | Refusal>

export const refuse = (reason: BrokerReason, detail: string): Refusal => ({ reason, detail })
