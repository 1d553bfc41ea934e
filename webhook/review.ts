/** AdmissionReview v1 in and out: what the API server asks, and how a verdict is told to it (admission.k8s.io/v1). */
import { KerbsideError } from '../src/core/errors.ts'
import type { Admission, Verdict } from '../src/core/identity/admission.ts'
import { asObject, type JsonObject, member, objectAt, objectsAt, textAt } from '../src/core/identity/json.ts'

export type Review = {
  readonly uid: string
  readonly admission: Admission
  /** Kind and name of what made the pod, or of the pod itself: `Job/train`. For the log. */
  readonly owner: string
}

export type ReviewAnswer = {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: JsonObject
}

const FORBIDDEN = 403
/** The API server cuts warnings that are longer (k8s.io/apiserver, warning.AddWarning). */
const LONGEST_WARNING = 250

/** @throws KerbsideError `bad-request` when it is not the review of a pod that is created or updated */
export function readReview(body: unknown, stage: Admission['stage']): Review {
  const request = objectAt(asObject(body, 'body'), 'request')
  const uid = textAt(request, 'uid')
  const namespace = textAt(request, 'namespace')
  const operation = textAt(request, 'operation')
  const isPod = textAt(objectAt(request, 'kind'), 'kind') === 'Pod'
  if (uid === undefined || namespace === undefined || !isPod || (operation !== 'CREATE' && operation !== 'UPDATE')) {
    throw new KerbsideError('bad-request', 'the request is not the AdmissionReview of a pod')
  }
  const [pod, old] = [member(request, 'object'), member(request, 'oldObject')]
  const admission = { pod, namespace, stage, operation, ...(old === undefined ? {} : { old }) } as const
  return { uid, admission, owner: ownerOf(pod) }
}

export function toAnswer(uid: string, verdict: Verdict): ReviewAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...toResponse(verdict) } }
}

function toResponse(verdict: Verdict): JsonObject {
  if (verdict.effect === 'deny') {
    const reasons = verdict.denials.map(({ reason }) => reason)
    const message = verdict.denials.map(({ reason, message }) => `[${reason}] ${message}`).join('\n')
    return {
      allowed: false,
      status: { code: FORBIDDEN, reason: 'Forbidden', message },
      auditAnnotations: { reasons: [...new Set(reasons)].join(',') },
    }
  }
  const { identity, patch, warnings } = verdict
  return {
    allowed: true,
    auditAnnotations: { identity },
    ...(warnings.length === 0 ? {} : { warnings: warnings.map((warning) => warning.slice(0, LONGEST_WARNING)) }),
    ...(patch.length === 0
      ? {}
      : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
  }
}

/** Never throws: a pod too broken for this is denied by `evaluate`, which says why. */
function ownerOf(pod: unknown): string {
  try {
    const metadata = objectAt(asObject(pod, 'pod'), 'metadata')
    const [owner] = objectsAt(metadata, 'ownerReferences')
    if (owner !== undefined) return `${textAt(owner, 'kind')}/${textAt(owner, 'name')}`
    return `Pod/${textAt(metadata, 'name') ?? `${textAt(metadata, 'generateName') ?? ''}…`}`
  } catch {
    return 'unreadable'
  }
}
