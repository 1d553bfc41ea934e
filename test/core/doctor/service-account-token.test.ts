/** What doctor says of a service-account token that is not as it must be. */
import { describe, expect, test } from 'vitest'
import { duration } from '../../../src/core/doctor/duration.ts'
import { lookAtToken, tokenClaims } from '../../../src/core/doctor/service-account-token.ts'

const NOW = 1_800_000_000_000
const seconds = (offset: number) => NOW / 1000 + offset
const PAYLOAD = {
  aud: ['kerbside.io'],
  exp: seconds(3000),
  iat: seconds(-600),
  iss: 'https://kubernetes.default.svc',
  sub: 'system:serviceaccount:ml-quant:trainer',
  'kubernetes.io': {
    namespace: 'ml-quant',
    pod: { name: 'train-0', uid: 'u-1' },
    serviceaccount: { name: 'trainer', uid: 'u-2' },
  },
}
const POD = { name: 'train-0', uid: 'u-1' }
const look = (change: object, pod = POD) =>
  lookAtToken(tokenClaims({ ...PAYLOAD, ...change }), { audience: 'kerbside.io', pod }, NOW)

test('one that is as it must be says for whom, for how long, of which pod, by whom', () => {
  expect(look({})).toEqual({
    state: 'ok',
    says: '`kerbside.io`, 50 min left, of ml-quant/train-0 as trainer, by https://kubernetes.default.svc',
  })
})

describe('fails', () => {
  test.each([
    [
      'of the audience of the API server',
      { aud: ['https://kubernetes.default.svc'] },
      'its audience is `https://kubernetes.default.svc`',
    ],
    ['that opens another door as well', { aud: ['kerbside.io', 'vault'] }, 'its audience is `kerbside.io`, `vault`'],
    ['without an audience', { aud: undefined }, 'its audience is none'],
    ['that expired', { exp: seconds(-900) }, 'it expired 15 min ago'],
    ['that expires this very moment', { exp: seconds(0) }, 'it expired 0 s ago'],
    ['that never expires', { exp: undefined }, 'it never expires'],
    ['that expires at no number', { exp: 'tomorrow' }, 'it never expires'],
    ['bound to no pod', { 'kubernetes.io': { namespace: 'ml-quant' } }, 'it is bound to no pod'],
    [
      'of a pod of the same name that is gone',
      { 'kubernetes.io': { pod: { name: 'train-0', uid: 'old' } } },
      'not of this one',
    ],
  ])('a token %s', (_, change, sentence) => {
    const said = look(change)
    expect(said).toMatchObject({ state: 'fail', code: 'secret-unauthenticated' })
    expect(said.says).toContain(sentence)
    expect(said.advice).toBeDefined()
  })
})

test('one that the kubelet should have replaced is a warning while it holds', () => {
  expect(look({ iat: seconds(-3300), exp: seconds(300) }).state).toBe('warn')
  expect(look({ iat: seconds(-2700), exp: seconds(900) }).state).toBe('ok')
})

test.each([undefined, null, 1, 'x', [], { 'kubernetes.io': 7 }, { aud: [{}] }])(
  'nothing in a payload throws: %j',
  (payload) => {
    expect(lookAtToken(tokenClaims(payload), { audience: 'kerbside.io' }, NOW).state).toBe('fail')
  },
)

test.each([
  [40_000, '40 s'],
  [119_400, '119 s'],
  [2_820_000, '47 min'],
  [82_800_000, '23 h'],
  [777_600_000, '9 d'],
])('%d ms read as %s', (ms, text) => expect(duration(ms)).toBe(text))
