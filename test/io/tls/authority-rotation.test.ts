/** One authority after another, with real certificates: nobody is ever asked to trust what it has not heard of. */
import { X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import {
  givenAuthorities,
  knownAuthorities,
  pollMs,
  rotationStep,
  succeed,
  trustedAuthorities,
} from '../../../src/io/tls/authority-rotation.ts'
import { type Authority, issueLeaf, LIVES, type Lives, newAuthority } from '../../../src/io/tls/certificates.ts'

const lives: Lives = { authoritySeconds: 3600, leafSeconds: 60 }
const START = Date.UTC(2030, 0, 1)
const at = (seconds: number) => START + seconds * 1000
let first: Authority
let announced: Authority & { next: NonNullable<Authority['next']> }

beforeAll(async () => {
  first = await newAuthority(START, lives)
  announced = { ...first, next: await newAuthority(at(2400), lives) }
})

const count = (pem: string) => pem.split('-----BEGIN CERTIFICATE-----').length - 1

test('the next one is announced at two thirds of a life, and signs a twelfth later', () => {
  expect([0, 2399, 2400, 9999].map((second) => rotationStep(first, at(second), lives))).toEqual([
    'none',
    'none',
    'announce',
    'announce',
  ])
  expect([2400, 2699, 2700].map((second) => rotationStep(announced, at(second), lives))).toEqual([
    'none',
    'none',
    'sign',
  ])
})

test('one that was brought along and lives shorter than ours is followed before it expires', async () => {
  const short = await newAuthority(START, { ...lives, authoritySeconds: 1500 })
  expect([0, 299, 300].map((second) => rotationStep(short, at(second), lives))).toEqual(['none', 'none', 'announce'])
})

test('what is announced is known and trusted at once, and given to pods only when every program has heard of it', () => {
  expect(pollMs(lives)).toBe(10_000)
  expect(count(knownAuthorities(announced))).toBe(2)
  expect(count(trustedAuthorities(announced, at(2400)))).toBe(2)
  expect([2400, 2459, 2460].map((second) => count(givenAuthorities(announced, at(second), lives)))).toEqual([1, 1, 2])
})

test('when it signs, what the one before signed is trusted as long as that lives, and what pods hold is known for longer', async () => {
  const after = succeed(announced, announced.next, { now: at(2700), lives })
  expect(after.keyPem).toBe(announced.next.keyPem)
  expect(after.next).toBeUndefined()
  expect([2700, 3599, 3601].map((second) => count(trustedAuthorities(after, at(second))))).toEqual([2, 2, 1])
  expect([2700, 3601].map((second) => count(givenAuthorities(after, at(second), lives)))).toEqual([2, 1])
  const [leaf] = [await issueLeaf(after, ['localhost'], at(2700), lives)]
  expect(new X509Certificate(leaf.certificatePem).checkIssued(new X509Certificate(announced.next.certificatePem))).toBe(
    true,
  )
  const third = await newAuthority(at(5000), lives)
  expect([7199, 7201].map((second) => count(succeed(after, third, { now: at(second), lives }).certificatePem))).toEqual(
    [3, 2],
  )
})

test('a leaf does not outlive the authority that signs it', async () => {
  const leaf = await issueLeaf(first, ['localhost'], at(3570), lives)
  expect(leaf.expiresAt).toBe(at(3600))
  expect(leaf.renewAt).toBe(at(3590))
})

test('two authorities that are trusted at once have different names', () => {
  const [one, other] = [first, announced.next].map(({ certificatePem }) => new X509Certificate(certificatePem).subject)
  expect(one).not.toBe(other)
})

test('ours are looked at every ten seconds, however long they live', () => {
  expect(pollMs(LIVES)).toBe(10_000)
})
