/**
 * What a service-account token says about itself: whom it is for, until when, and which pod it is bound to. Nobody has checked
 * its signature here; who accepts it does that.
 */
import { duration } from './duration.ts'
import { ok, type Said } from './finding.ts'

export type TokenClaims = {
  readonly audiences: readonly string[]
  readonly issuer: string | undefined
  /** Milliseconds since the epoch. */
  readonly issuedAt: number | undefined
  readonly expiresAt: number | undefined
  readonly namespace: string | undefined
  readonly serviceAccount: string | undefined
  readonly pod: string | undefined
  readonly podUid: string | undefined
}

/** What must be so. The pod is the one we are in, where we are in one. */
export type Wanted = { readonly audience: string; readonly pod?: { readonly name: string; readonly uid: string } }

/** @param payload the middle part of the token, parsed (RFC 7519); `kubernetes.io` as in pkg/serviceaccount/claims.go */
export function tokenClaims(payload: unknown): TokenClaims {
  const { aud, iss, iat, exp, ...more } = Object(payload) as Record<string, unknown>
  const bound = Object(more['kubernetes.io']) as Record<string, unknown>
  const of = (what: string) => Object(bound[what]) as Record<string, unknown>
  return {
    audiences: (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string'),
    issuer: text(iss),
    issuedAt: milliseconds(iat),
    expiresAt: milliseconds(exp),
    namespace: text(bound['namespace']),
    serviceAccount: text(of('serviceaccount')['name']),
    pod: text(of('pod')['name']),
    podUid: text(of('pod')['uid']),
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 300) : undefined)
const milliseconds = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value * 1000 : undefined

/** The kubelet replaces a token at four fifths of its life; one that is older than this was forgotten. */
const REPLACED_BY = 0.9

const VOLUME = 'the pod needs the projected volume that the webhook adds: create it anew, with its label'

/** @param now milliseconds since the epoch */
export function lookAtToken(claims: TokenClaims, { audience, pod }: Wanted, now: number): Said {
  const { audiences, issuer, expiresAt, issuedAt, namespace, serviceAccount } = claims
  const wrong = (says: string, advice: string): Said => ({
    state: 'fail',
    says,
    advice,
    code: 'secret-unauthenticated',
  })
  if (audiences.length !== 1 || audiences[0] !== audience) {
    const found = audiences.length === 0 ? 'none' : audiences.map((one) => `\`${one}\``).join(', ')
    const advice = `stores and broker take a token of this one audience only. ${VOLUME}`
    return wrong(`its audience is ${found}, not \`${audience}\``, advice)
  }
  if (expiresAt === undefined) return wrong('it never expires', `no projected token is like that. ${VOLUME}`)
  if (expiresAt <= now) {
    const advice = 'the kubelet replaces it: look at the kubelet of this node, and at the clock of both'
    return wrong(`it expired ${duration(now - expiresAt)} ago`, advice)
  }
  if (claims.pod === undefined) return wrong('it is bound to no pod', VOLUME)
  if (pod !== undefined && (claims.podUid ?? pod.uid) !== pod.uid) {
    return wrong(`it is of the pod \`${claims.pod}\`, not of this one, \`${pod.name}\``, VOLUME)
  }
  const left = duration(expiresAt - now)
  const says = `\`${audience}\`, ${left} left, of ${namespace}/${claims.pod} as ${serviceAccount}, by ${issuer}`
  if (issuedAt !== undefined && now > issuedAt + (expiresAt - issuedAt) * REPLACED_BY) {
    const advice = 'the kubelet should have replaced it: look at the kubelet of this node'
    return { state: 'warn', says, advice }
  }
  return ok(says)
}
