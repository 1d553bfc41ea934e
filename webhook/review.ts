/** AdmissionReview v1 in and out: what the API server asks, and how a verdict is told to it (admission.k8s.io/v1). */
import type { Admission, Verdict } from '../src/core/identity/admission.ts'
import { asObject, flagAt, type JsonObject, member, objectAt, objectsAt, textAt } from '../src/core/identity/json.ts'
import type { Refusal } from './refusals.ts'

export type Review = {
  readonly uid: string
  readonly admission: Admission
  /** Kind and name of what made the pod, or of the pod itself: `Job/train`. For the log. */
  readonly owner: string
  /** Whether nothing comes of it, whatever is answered. */
  readonly isDryRun: boolean
}

export type ReviewAnswer = {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: JsonObject
}

const FORBIDDEN = 403
/** The API server cuts warnings that are longer (k8s.io/apiserver, warning.AddWarning). */
const LONGEST_WARNING = 250

const REVIEW_VERSION = 'admission.k8s.io/v1'
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * What the API server asks. A key that stands twice counts as it does the last time, for everything that looks at the pod: there
 * is one reading of it, and the API server, which writes what it has read itself, never sends one.
 */
export function readReview(body: Uint8Array, stage: Admission['stage']): Review | Refusal {
  let text: string
  try {
    text = UTF8.decode(body)
  } catch {
    return { refused: 'bad-encoding' }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { refused: 'bad-json' }
  }
  try {
    return reviewIn(asObject(value, 'body'), stage)
  } catch {
    // A part of it is of another type than it has in every AdmissionReview.
    return { refused: 'no-review' }
  }
}

function reviewIn(body: JsonObject, stage: Admission['stage']): Review | Refusal {
  if (textAt(body, 'kind') !== 'AdmissionReview') return { refused: 'no-review' }
  if (textAt(body, 'apiVersion') !== REVIEW_VERSION) return { refused: 'other-version' }
  const request = objectAt(body, 'request')
  const [uid, namespace, operation] = ['uid', 'namespace', 'operation'].map((key) => textAt(request, key))
  if (!isNamed(uid)) return { refused: 'no-review' }
  if (!isPod(objectAt(request, 'kind')) || !isNamed(namespace)) return { refused: 'other-kind' }
  if (operation !== 'CREATE' && operation !== 'UPDATE') return { refused: 'other-operation' }
  const [pod, old] = [member(request, 'object'), member(request, 'oldObject')]
  const admission = { pod, namespace, stage, operation, ...(old === undefined ? {} : { old }) } as const
  return { uid, admission, owner: ownerOf(pod), isDryRun: flagAt(request, 'dryRun') }
}

const isNamed = (text: string | undefined): text is string => text !== undefined && text !== ''

const isPod = (kind: JsonObject): boolean =>
  (textAt(kind, 'group') ?? '') === '' && textAt(kind, 'version') === 'v1' && textAt(kind, 'kind') === 'Pod'

export function toAnswer(uid: string, verdict: Verdict): ReviewAnswer {
  return { apiVersion: REVIEW_VERSION, kind: 'AdmissionReview', response: { uid, ...toResponse(verdict) } }
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
