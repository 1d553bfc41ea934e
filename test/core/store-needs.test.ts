/** What each store needs: a right example passes, and each thing that is missing or wrong is named. */
import { expect, test } from 'vitest'
import { type StorePlace, storeProblems } from '../../src/core/store-needs.ts'

const NOTHING = {
  storeUrl: 'none',
  storeRole: 'none',
  storeAuth: 'none',
  storeLoginUrl: 'none',
  storeNamespace: 'none',
}
const PROVIDER = '//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/k8s/providers/lab'
const CLIENT = '12345678-1234-1234-1234-123456789abc'

const RIGHT: Readonly<Record<Exclude<StorePlace['store'], 'none'>, Partial<StorePlace>>> = {
  files: { storeMount: '/secrets' },
  vault: { storeUrl: 'https://vault:8200', storeRole: 'trainer', storeNamespace: 'team/quant' },
  openbao: { storeUrl: 'https://bao:8200', storeRole: 'trainer', storeAuth: 'clusters/one' },
  aws: { storeMount: 'eu-central-1', storeRole: 'arn:aws:iam::123456789012:role/kerbside/quant' },
  gcp: { storeMount: 'lab-123', storeAuth: PROVIDER, storeRole: 'quant@lab-123.iam.gserviceaccount.com' },
  azure: { storeUrl: 'https://lab.vault.azure.net', storeAuth: 'example.onmicrosoft.com', storeRole: CLIENT },
}
const settingsOf = (store: StorePlace['store'], change: Partial<StorePlace> = {}): StorePlace => ({
  ...{ store, storeMount: 'kv', storeKvVersion: '2', ...NOTHING },
  ...change,
})

test('no store needs nothing', () => {
  expect(storeProblems(settingsOf('none'))).toEqual([])
})

test.each(Object.keys(RIGHT) as (keyof typeof RIGHT)[])(
  '`%s` has all that it needs, or is told what it lacks',
  (store) => {
    expect(storeProblems(settingsOf(store, RIGHT[store]))).toEqual([])
    const problems = storeProblems(settingsOf(store))
    expect(problems.length).toBeGreaterThan(0)
    for (const { message } of problems) expect(message).toMatch(/^is `(none|kv)`, but /)
  },
)

test.each<[keyof typeof RIGHT, Partial<StorePlace>, string]>([
  ['vault', { storeMount: '../sys' }, 'storeMount'],
  ['vault', { storeMount: 'kv?list=true' }, 'storeMount'],
  ['vault', { storeAuth: 'a/../b' }, 'storeAuth'],
  ['vault', { storeNamespace: 'a\r\nx-vault-token: b' }, 'storeNamespace'],
  ['aws', { storeMount: 'eu-central-1.example.org' }, 'storeMount'],
  ['aws', { storeRole: 'none' }, 'storeRole'],
  ['aws', { storeAuth: 'metadata' }, 'storeAuth'],
  ['gcp', { storeMount: 'lab/secrets/other' }, 'storeMount'],
  ['gcp', { storeAuth: `${PROVIDER}/more` }, 'storeAuth'],
  ['gcp', { storeRole: 'a@b/../c' }, 'storeRole'],
  ['azure', { storeUrl: 'https://lab.vault.azure.net/secrets' }, 'storeUrl'],
  ['azure', { storeAuth: '../common' }, 'storeAuth'],
  ['azure', { storeRole: 'trainer' }, 'storeRole'],
])('`%s` with %o: %s is told', (store, change, setting) => {
  expect(storeProblems(settingsOf(store, { ...RIGHT[store], ...change })).map((problem) => problem.setting)).toEqual([
    setting,
  ])
})

test('the agent of Pod Identity knows the role itself', () => {
  expect(storeProblems(settingsOf('aws', { storeMount: 'eu-central-1', storeAuth: 'pod-identity' }))).toEqual([])
})
