/** What is written into webhook configurations: our CA, into our entries only, and only when it is not there. */
import { expect, test } from 'vitest'
import { trustPatch } from '../../webhook/publish-trust.ts'

const entry = (name: string, caBundle?: string) => ({
  name,
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://hook.lab', ...(caBundle === undefined ? {} : { caBundle }) },
})
const CA = 'PEM'
const IN_BASE64 = Buffer.from(CA).toString('base64')

test('each entry of ours is patched by name, and nobody else is trusted with it', () => {
  const webhooks = [entry('other.example.org'), entry('mutate.kerbside.io', 'b2xk'), entry('kerbside.io.example.org')]
  expect(trustPatch({ webhooks }, CA)).toEqual([
    { op: 'test', path: '/webhooks/1/name', value: 'mutate.kerbside.io' },
    { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: IN_BASE64 },
  ])
})

test('nothing is written when it is there already', () => {
  expect(trustPatch({ webhooks: [entry('mutate.kerbside.io', IN_BASE64)] }, CA)).toEqual([])
  expect(trustPatch({}, CA)).toEqual([])
})
