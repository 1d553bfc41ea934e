/** What is written into webhook configurations: our CA, into our entries only, and only when it is not there. */
import { describe, expect, test } from 'vitest'
import { trustPatch } from '../../webhook/publish-trust.ts'

const entry = (name: string, caBundle?: string) => ({
  name,
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://hook.lab', ...(caBundle === undefined ? {} : { caBundle }) },
})
const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`
const [OURS, NEXT, STRANGER] = ['b3Vycw==', 'bmV4dA==', 'c3RyYW5nZXI='].map(pem) as [string, string, string]
const base64 = (text: string) => Buffer.from(text).toString('base64')
const TRUST = { ours: OURS, beside: '' }
/** Whether it is written anew where this stands. */
const isWritten = (present: string, trust = TRUST) =>
  trustPatch({ webhooks: [entry('mutate.kerbside.io', base64(present))] }, trust).length > 0

test('each entry of ours is patched by name, and nobody else is trusted with it', () => {
  const webhooks = [entry('other.example.org'), entry('mutate.kerbside.io', 'b2xk'), entry('kerbside.io.example.org')]
  expect(trustPatch({ webhooks }, TRUST)).toEqual([
    { op: 'test', path: '/webhooks/1/name', value: 'mutate.kerbside.io' },
    { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: base64(OURS) },
  ])
})

test('nothing is written when it is there already', () => {
  expect(isWritten(OURS)).toBe(false)
  expect(trustPatch({}, TRUST)).toEqual([])
})

describe('while one way to certificates takes the place of another', () => {
  const both = { ours: OURS, beside: NEXT }

  test('what the operator named may stand beside ours, in whatever order', () => {
    for (const present of [OURS + NEXT, NEXT + OURS]) expect(isWritten(present, both)).toBe(false)
  })

  test('ours is written to it, and it stays', () => {
    const [, patched] = trustPatch({ webhooks: [entry('mutate.kerbside.io', base64(NEXT + STRANGER))] }, both)
    expect(patched?.value).toBe(base64(OURS + NEXT))
  })

  test('it is not written where nobody put it', () => {
    const [, patched] = trustPatch({ webhooks: [entry('mutate.kerbside.io')] }, both)
    expect(patched?.value).toBe(base64(OURS))
  })

  test('a stranger is not left there, nor what was named once and is no longer', () => {
    for (const present of [OURS + STRANGER, OURS + NEXT]) expect(isWritten(present)).toBe(true)
    for (const present of [OURS + NEXT + STRANGER, `${OURS}and more`]) expect(isWritten(present, both)).toBe(true)
  })
})
