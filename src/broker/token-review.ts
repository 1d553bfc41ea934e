/**
 * Knows callers by the API server: it checks the token, then the live pod that the token is bound to is put to the same
 * function as at admission. So whatever got past admission gets nothing here.
 */
import type { JWTPayload } from 'jose'
import { decodeJwt } from 'jose'
import { KerbsideError } from '../core/errors.ts'
import type { Verdict } from '../core/identity/admission.ts'
import { IDENTITY_LABEL } from '../core/identity/admission.ts'
import { evaluate } from '../core/identity/evaluate.ts'
import type { Injection } from '../core/identity/injection.ts'
import { ownerOf } from '../core/identity/owner-of.ts'
import type { Bundle } from '../core/policy/bundle.ts'
import type { Labels } from '../core/policy/decision/selector.ts'
import type { ApiServer } from './api-server.ts'
import type { Caller, RecogniseCaller, Refusal } from './caller.ts'
import { AUDIENCE, refuse } from './caller.ts'
import type { Claims, RecogniseClaims } from './claims.ts'
import { readClaims } from './claims.ts'

export type TokenReviewOptions = {
  readonly api: Pick<ApiServer, 'reviewToken' | 'readPod' | 'readNamespace'>
  readonly bundle: () => Bundle | undefined
  readonly injection: () => Injection
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** The pod that a token is bound to, whatever that pod is: the API server takes no token whose pod is gone. */
export function claimsByTokenReview({ api, clock }: Pick<TokenReviewOptions, 'api' | 'clock'>): RecogniseClaims {
  return async (token) => {
    // A review costs the API server a signature: what cannot be a token for us is not sent there.
    const early = claimsOf(token, clock())
    if ('reason' in early && early.reason === 'bad-token') return early
    return judgeReview(await api.reviewToken(token), early)
  }
}

export function callersByTokenReview({ api, bundle, injection, clock }: TokenReviewOptions): RecogniseCaller {
  const claimsFor = claimsByTokenReview({ api, clock })
  return async ({ token, identity }) => {
    const claims = await claimsFor(token)
    if ('reason' in claims) return claims
    const [pod, namespace] = await Promise.all([
      api.readPod(claims.namespace, claims.pod),
      api.readNamespace(claims.namespace),
    ])
    const inForce = bundle()
    if (inForce === undefined) throw new KerbsideError('not-ready', 'no policy is loaded')
    const labels = labelsIn(namespace)
    const namespaceLabels = labels === undefined ? {} : { namespaceLabels: labels }
    const about = { namespace: claims.namespace, ...namespaceLabels, stage: 'running', operation: 'CREATE' } as const
    const caller = judgePod(pod, { claims, identity }, (live) =>
      evaluate({ ...about, pod: live }, inForce, injection()),
    )
    return 'reason' in caller ? caller : { ...caller, ...namespaceLabels }
  }
}

function claimsOf(token: string, now: number): Claims | Refusal {
  let payload: JWTPayload
  try {
    payload = decodeJwt(token)
  } catch {
    return refuse('bad-token', 'it is no JWT')
  }
  return readClaims(payload, now)
}

/** The API server's word on the token; what the token says of itself counts only where both agree. */
export function judgeReview(status: unknown, said: Claims | Refusal): Claims | Refusal {
  const { authenticated, audiences, user, error } = Object(status)
  if (authenticated !== true) return refuse('bad-token', `not authenticated: ${text(error)}`)
  if (!isOnly(audiences, AUDIENCE)) return refuse('bad-token', `audiences ${text(audiences)}`)
  if ('reason' in said) return said
  const { username, extra } = Object(user)
  if (username !== `system:serviceaccount:${said.namespace}:${said.serviceAccount}`) {
    return refuse('bad-token', `user ${text(username)}`)
  }
  const [name, uid] = ['pod-name', 'pod-uid'].map((key) => Object(extra)[`authentication.kubernetes.io/${key}`])
  const isBound = isOnly(name, said.pod) && isOnly(uid, said.podUid)
  return isBound ? said : refuse('not-pod-bound', `the API server knows pod ${text(name)} with uid ${text(uid)}`)
}

/** The live pod: there, running, the one of the token, of the identity asked for, and one that would be admitted now. */
export function judgePod(
  pod: unknown,
  { claims, identity }: { claims: Claims; identity: string },
  admit: (pod: unknown) => Verdict,
): Caller | Refusal {
  const { metadata, spec, status } = Object(pod)
  const { uid, deletionTimestamp, labels } = Object(metadata)
  if (uid !== claims.podUid) return refuse('pod-gone', uid === undefined ? 'no pod' : 'another pod of that name')
  if (deletionTimestamp !== undefined) return refuse('pod-gone', 'it is being deleted')
  const { phase } = Object(status)
  if (phase === 'Succeeded' || phase === 'Failed') return refuse('pod-gone', `it has ended: ${phase}`)
  if (Object(spec).serviceAccountName !== claims.serviceAccount) return refuse('pod-gone', 'another service account')
  const labelled = new Map(Object.entries(Object(labels))).get(IDENTITY_LABEL)
  if (labelled !== identity) return refuse('other-identity', `its label is ${text(labelled)}`)
  const verdict = admit(pod)
  if (verdict.effect === 'deny') {
    return refuse('pod-refused', verdict.denials.map(({ reason }) => reason).join(', '))
  }
  if (verdict.identity !== identity) return refuse('other-identity', verdict.identity)
  const podLabels = labelsIn(pod)
  const owner = ownerOf(pod)
  return {
    ...claims,
    identity,
    ...(podLabels === undefined ? {} : { podLabels }),
    ...(owner === undefined ? {} : { owner }),
  }
}

/** The labels of an object of Kubernetes, none where it carries none; nothing where there is no object. */
export function labelsIn(object: unknown): Labels | undefined {
  const { metadata } = Object(object)
  if (typeof metadata !== 'object' || metadata === null) return undefined
  const pairs = Object.entries(Object(Object(metadata).labels))
  return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

const isOnly = (value: unknown, one: string): boolean => Array.isArray(value) && value.length === 1 && value[0] === one
const text = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 200)
