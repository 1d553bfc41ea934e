/** What a service-account token says about itself, once its signature was checked by somebody who can. */
import type { JWTPayload } from 'jose'
import type { Caller, Refusal } from './caller.ts'
import { AUDIENCE, refuse } from './caller.ts'

export type Claims = Omit<Caller, 'identity'>

/**
 * Whose token it is, and nothing about what that pod may do.
 * @throws KerbsideError when it cannot be found out now
 */
export type RecogniseClaims = (token: string) => Promise<Claims | Refusal>

/** Fields of the private claim `kubernetes.io` (pkg/serviceaccount/claims.go). */
type BoundTo = {
  readonly namespace?: unknown
  readonly pod?: { readonly name?: unknown; readonly uid?: unknown }
  readonly serviceaccount?: { readonly name?: unknown }
}

/**
 * Exactly one audience: a token that also opens another door is one that whoever stands behind that door can show here.
 * @param now milliseconds since the epoch
 */
export function readClaims(payload: JWTPayload, now: number): Claims | Refusal {
  const { aud, exp, sub } = payload
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (audiences.length !== 1 || audiences[0] !== AUDIENCE) return refuse('bad-token', `audience ${text(audiences)}`)
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return refuse('bad-token', 'it never expires')
  if (exp * 1000 <= now) return refuse('bad-token', 'it has expired')
  const bound: BoundTo = Object(payload['kubernetes.io'])
  const [namespace, serviceAccount] = [bound.namespace, bound.serviceaccount?.name]
  if (!isName(namespace) || !isName(serviceAccount)) return refuse('bad-token', 'it is of no service account')
  if (sub !== `system:serviceaccount:${namespace}:${serviceAccount}`) return refuse('bad-token', `subject ${text(sub)}`)
  const [pod, podUid] = [bound.pod?.name, bound.pod?.uid]
  if (!isName(pod) || !isName(podUid)) return refuse('not-pod-bound', `of ${namespace}/${serviceAccount}`)
  return { namespace, serviceAccount, pod, podUid, expiresAt: exp * 1000 }
}

/** As Kubernetes names these things: nothing that could mean something else in a URL or a log. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9][a-z0-9.-]{0,252}$/.test(value)
const text = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 200)
