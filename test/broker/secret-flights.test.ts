/**
 * One read for many, and nothing kept. The store is a fake that counts, holds its answer back and shows the bytes it gave:
 * no real one lets a test see when its bytes are wiped. Against real ones: test/e2e/broker.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { secretFlights } from '../../src/broker/secret-flights.ts'
import { KerbsideError } from '../../src/core/errors.ts'
import type { Secret, SecretStore } from '../../src/io/secret-store.ts'
import { endedBy } from '../../src/io/secret-stores/ended-by.ts'

const REF = { path: 'hdfs/quant-research', key: 'keytab' }
let given: Secret[]
let answer: () => Promise<Uint8Array>
const store: SecretStore = {
  async fetch() {
    const secret = { bytes: await answer(), version: String(given.length + 1) }
    given.push(secret)
    return secret
  },
  async close() {},
}
const isWiped = (secret: Secret | undefined) => secret?.bytes.every((byte) => byte === 0)
/** Lets what was resolved go on. */
const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

beforeEach(() => {
  vi.useFakeTimers()
  given = []
  answer = async () => Uint8Array.from([5, 2, 7])
})
afterEach(() => vi.useRealTimers())

test('200 who come at once, and those of the half minute after, share one read, whole to the last', async () => {
  const flights = secretFlights(store)
  const early = await Promise.all(Array.from({ length: 200 }, (_, pod) => flights.take(REF, `pod-${pod}`)))
  for (const one of early) one.leave()
  await vi.advanceTimersByTimeAsync(29_999)
  const late = await flights.take(REF, 'late')
  await vi.advanceTimersByTimeAsync(1)
  expect([...late.secret.bytes]).toEqual([5, 2, 7])
  expect(given.length).toBe(1)
  late.leave()
  await settled()
  expect(isWiped(given[0])).toBe(true)
})

test('it is wiped when the time is over and nobody holds it, and not before either', async () => {
  const flights = secretFlights(store, { sharedMs: 1000 })
  const [first, second] = await Promise.all([flights.take(REF, 'a'), flights.take(REF, 'b')])
  first.leave()
  first.leave()
  await vi.advanceTimersByTimeAsync(5000)
  expect(isWiped(given[0])).toBe(false)
  second.leave()
  await settled()
  expect(isWiped(given[0])).toBe(true)
})

test('who comes after that causes another read', async () => {
  const flights = secretFlights(store, { sharedMs: 1000 })
  ;(await flights.take(REF, 'a')).leave()
  await vi.advanceTimersByTimeAsync(1000)
  const next = await flights.take(REF, 'b')
  expect([next.secret.version, given.length, isWiped(given[0])]).toEqual(['2', 2, true])
})

test('who comes again gets what is read anew, as one whose key was refused must, and so does everyone after him', async () => {
  const flights = secretFlights(store)
  const [first] = await Promise.all([flights.take(REF, 'a'), flights.take(REF, 'b')])
  const again = await flights.take(REF, 'a')
  const other = await flights.take(REF, 'c')
  expect([first, again, other].map(({ secret }) => secret.version)).toEqual(['1', '2', '2'])
  expect(isWiped(given[0])).toBe(false)
})

test('another secret is another read: neither path nor key is taken for the other', async () => {
  const flights = secretFlights(store)
  const refs = [
    REF,
    { ...REF, key: 'ca.pem' },
    { path: 'hdfs', key: 'quant-research/keytab' },
    { path: 'a","b', key: 'c' },
  ]
  await Promise.all([...refs, { path: 'a', key: 'b","c' }].map((ref, pod) => flights.take(ref, `pod-${pod}`)))
  expect(given.length).toBe(5)
})

test('a store that says nothing is given up', async () => {
  const silent: SecretStore = { ...store, fetch: (_, signal) => endedBy(signal, () => new Promise(() => {})) }
  const flights = secretFlights(silent, { readWithinMs: 1 })
  await expect(flights.take(REF, 'a')).rejects.toMatchObject({ code: 'secret-unavailable' })
})

test('a failure is told to all who wait for it, and kept for nobody', async () => {
  const flights = secretFlights(store)
  answer = async () => {
    throw new KerbsideError('secret-unavailable', 'sealed')
  }
  const outcomes = await Promise.allSettled(['a', 'b'].map((pod) => flights.take(REF, pod)))
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  answer = async () => Uint8Array.from([1])
  expect([...(await flights.take(REF, 'c')).secret.bytes]).toEqual([1])
})

test('a broker that ends wipes what nobody holds at once, and the rest when it is left', async () => {
  const flights = secretFlights(store)
  ;(await flights.take(REF, 'a')).leave()
  const held = await flights.take({ ...REF, key: 'ca.pem' }, 'a')
  flights.close()
  await settled()
  expect(given.map(isWiped)).toEqual([true, false])
  held.leave()
  await settled()
  expect(given.map(isWiped)).toEqual([true, true])
})
