/** The judgement on a token and its pod, from answers as the API server gives them; the real one is asked in test/e2e/broker. */
import { describe, expect, it } from 'vitest'
import type { Claims } from '../../src/broker/claims.ts'
import { readClaims } from '../../src/broker/claims.ts'
import { judgePod, judgeReview } from '../../src/broker/token-review.ts'
import type { Verdict } from '../../src/core/identity/admission.ts'
import { denial, IDENTITY_LABEL } from '../../src/core/identity/admission.ts'
import { claims } from './tokens.ts'

const said = (): Claims => {
  const read = readClaims(claims(), Date.now())
  if ('reason' in read) throw new Error(read.detail)
  return read
}

/** As kube-apiserver 1.36 answers for a pod-bound token. */
const status = (more: object = {}) => ({
  authenticated: true,
  audiences: ['kerbside.io'],
  user: {
    username: 'system:serviceaccount:ml-quant:trainer',
    uid: '5b0c2a53-3a84-4c0a-a77c-1f1f5f2f0b0d',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ml-quant', 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/pod-name': ['train-0'],
      'authentication.kubernetes.io/pod-uid': ['0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'],
    },
  },
  ...more,
})

describe('what a token says of itself', () => {
  const now = Date.now()
  it.each([
    ['expired', { exp: now / 1000 - 1 }],
    ['expires just now', { exp: now / 1000 }],
    ['never expires', { exp: undefined }],
    ['expires in words', { exp: '9999999999' }],
    ['of two audiences', { aud: ['kerbside.io', 'vault'] }],
    ['of a user', { sub: 'admin' }],
    ['bound to nothing at all', { 'kubernetes.io': null }],
  ])('is a refusal even where nobody else looks: %s', (_, more) => {
    expect(readClaims(claims(more), now)).toMatchObject({ reason: 'bad-token' })
  })
})

describe('the word of the API server on a token', () => {
  it('is taken when it agrees with the token', () => {
    expect(judgeReview(status(), said())).toEqual(said())
  })

  it.each([
    ['not authenticated', status({ authenticated: false, error: 'expired' })],
    ['authenticated in words', status({ authenticated: 'true' })],
    ['no audience, as an authenticator answers that knows none', status({ audiences: undefined })],
    ['another audience', status({ audiences: ['https://kubernetes.default.svc'] })],
    ['two audiences', status({ audiences: ['kerbside.io', 'vault'] })],
    ['another user', status({ user: { ...status().user, username: 'system:serviceaccount:ml-climate:trainer' } })],
    ['no user', status({ user: undefined })],
    ['nothing', undefined],
    ['text', 'authenticated'],
  ])('is a refusal: %s', (_, answer) => {
    expect(judgeReview(answer, said())).toMatchObject({ reason: 'bad-token' })
  })

  it.each([
    ['no pod', {}],
    ['another pod', { ...status().user.extra, 'authentication.kubernetes.io/pod-name': ['train-1'] }],
    ['another uid', { ...status().user.extra, 'authentication.kubernetes.io/pod-uid': ['x'] }],
    ['two pods', { ...status().user.extra, 'authentication.kubernetes.io/pod-name': ['train-0', 'train-1'] }],
  ])('is a refusal when the token is bound to %s', (_, extra) => {
    expect(judgeReview(status({ user: { ...status().user, extra } }), said())).toMatchObject({
      reason: 'not-pod-bound',
    })
  })

  it('counts before what a token says of itself: a forged one learns nothing', () => {
    const unbound = readClaims(
      claims({ 'kubernetes.io': { ...Object(claims()['kubernetes.io']), pod: {} } }),
      Date.now(),
    )
    expect(judgeReview(status(), unbound)).toMatchObject({ reason: 'not-pod-bound' })
    expect(judgeReview(status({ authenticated: false }), unbound)).toMatchObject({ reason: 'bad-token' })
  })
})

const pod = (more: { metadata?: object; spec?: object; status?: object } = {}) => ({
  metadata: {
    name: 'train-0',
    namespace: 'ml-quant',
    uid: said().podUid,
    labels: { [IDENTITY_LABEL]: 'quant-research' },
    ...more.metadata,
  },
  spec: { serviceAccountName: 'trainer', ...more.spec },
  status: { phase: 'Running', ...more.status },
})
const admit = (): Verdict => ({ effect: 'admit', identity: 'quant-research', patch: [], warnings: [] })
const asked = () => ({ claims: said(), identity: 'quant-research' })

describe('the live pod of a token', () => {
  it.each(['Pending', 'Running'])('is served while it is %s: a sidecar starts before its pod runs', (phase) => {
    const caller = { ...said(), identity: 'quant-research', podLabels: new Map([[IDENTITY_LABEL, 'quant-research']]) }
    expect(judgePod(pod({ status: { phase } }), asked(), admit)).toEqual(caller)
  })

  it.each([
    ['is not there', undefined, 'pod-gone'],
    ['is another of the same name', pod({ metadata: { uid: 'x' } }), 'pod-gone'],
    ['is being deleted', pod({ metadata: { deletionTimestamp: '2026-03-02T09:00:00Z' } }), 'pod-gone'],
    ['has succeeded', pod({ status: { phase: 'Succeeded' } }), 'pod-gone'],
    ['has failed', pod({ status: { phase: 'Failed' } }), 'pod-gone'],
    ['runs as another service account', pod({ spec: { serviceAccountName: 'default' } }), 'pod-gone'],
    ['names another identity', pod({ metadata: { labels: { [IDENTITY_LABEL]: 'climate-models' } } }), 'other-identity'],
    ['names no identity', pod({ metadata: { labels: {} } }), 'other-identity'],
    ['has no labels', pod({ metadata: { labels: undefined } }), 'other-identity'],
  ])('is refused when it %s', (_, live, reason) => {
    expect(judgePod(live, asked(), admit)).toMatchObject({ reason })
  })

  it('is refused when it would not be admitted today, with the reasons for the log', () => {
    const denials = [denial('host-network', { change: 'x' }), denial('privileged', { change: 'x' })]
    const refused = judgePod(pod(), asked(), () => ({ effect: 'deny', denials }))
    expect(refused).toEqual({ reason: 'pod-refused', detail: 'host-network, privileged' })
  })

  it('is refused when admission gives it another identity than the one asked for', () => {
    const other = (): Verdict => ({ effect: 'admit', identity: 'climate-models', patch: [], warnings: [] })
    expect(judgePod(pod(), asked(), other)).toMatchObject({ reason: 'other-identity' })
  })
})
