/** Why a request is not decided on at all: the closed list, each with its status and its sentence. The API server takes any of them as a denial. */

export const REFUSALS = {
  'too-large': {
    status: 413,
    sentence: 'the AdmissionReview is larger than 7 MiB: the pod is too large to be looked at',
  },
  'other-media-type': { status: 415, sentence: 'an AdmissionReview is application/json' },
  'bad-encoding': { status: 400, sentence: 'the request is not UTF-8' },
  'bad-json': { status: 400, sentence: 'the request is not JSON' },
  'no-review': { status: 400, sentence: 'the request is not an AdmissionReview' },
  'other-version': {
    status: 400,
    sentence: 'the AdmissionReview is not of admission.k8s.io/v1: name v1 in admissionReviewVersions',
  },
  'other-kind': {
    status: 400,
    sentence: 'the request is not about a pod: name pods and their subresources in the rules',
  },
  'other-operation': {
    status: 400,
    sentence: 'the operation is neither CREATE nor UPDATE: name only those in the rules',
  },
  'cut-off': { status: 400, sentence: 'the request ended early' },
} as const satisfies Record<string, { readonly status: 400 | 413 | 415; readonly sentence: string }>

export type RefusalReason = keyof typeof REFUSALS
export type Refusal = { readonly refused: RefusalReason }
