/** Laws of keeping a ticket: never early by much, never late, never given up, and gentle with a KDC that says no. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { failed, type Keeping, nextStep, retryWaitMs, stateOf, succeeded } from '../../../src/core/kerberos/refresh.ts'

const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const lives = fc.integer({ min: 1000, max: 7 * 86_400_000 })
const START = 1_700_000_000_000

const waitOf = (keeping: Keeping, now: number, jitter: number) => {
  const step = nextStep(keeping, now, jitter)
  return step.do === 'wait' ? step.ms : 0
}

test('a fresh ticket is refreshed at half of its life, a tenth more or less', () => {
  fc.assert(
    fc.property(lives, jitters, (life, jitter) => {
      const wait = waitOf(succeeded({ issuedAt: START, expiresAt: START + life }), START, jitter)
      expect(wait).toBeGreaterThanOrEqual(life * 0.4 - 1)
      expect(wait).toBeLessThanOrEqual(life * 0.6 + 1)
    }),
  )
})

test('whoever waits as long as was said is then told to authenticate', () => {
  fc.assert(
    fc.property(lives, jitters, (life, jitter) => {
      const keeping = succeeded({ issuedAt: START, expiresAt: START + life })
      const wait = waitOf(keeping, START, jitter)
      expect(nextStep(keeping, START + Math.ceil(wait), jitter)).toEqual({ do: 'authenticate' })
    }),
  )
})

test('without a ticket, or with one that has ended, it authenticates at once', () => {
  expect(nextStep({}, START, 0.5)).toEqual({ do: 'authenticate' })
  expect(nextStep(succeeded({ issuedAt: 0, expiresAt: START }), START, 0.5)).toEqual({ do: 'authenticate' })
})

test('failures wait between 1 s and 2 min, longer each time at most, and never for ever', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), jitters, (count, jitter) => {
      const wait = retryWaitMs({ count, refusals: 0, code: 'kdc-unreachable', lastAt: START }, jitter)
      expect(wait).toBeGreaterThanOrEqual(1000)
      expect(wait).toBeLessThanOrEqual(120_000)
    }),
  )
})

test('a refused key is shown three times, and then once in 15 minutes, also when the KDC was away in between', () => {
  let keeping: Keeping = {}
  const codes: ErrorCode[] = ['kerberos-refused', 'kdc-unreachable', 'kerberos-refused', 'secret-unavailable']
  for (const code of codes) {
    keeping = failed(keeping, code, START)
    expect(waitOf(keeping, START, 0)).toBeLessThan(120_000)
  }
  keeping = failed(keeping, 'kerberos-refused', START)
  expect(waitOf(keeping, START, 0)).toBe(15 * 60_000)
  keeping = failed(keeping, 'kdc-unreachable', START)
  expect(waitOf(keeping, START, 0)).toBe(15 * 60_000)
  expect(waitOf(succeeded({ issuedAt: START, expiresAt: START + 4000 }), START, 0)).toBeLessThan(4000)
})

test('the states: pending, ready, stale while it still holds, expired', () => {
  const ticket = { issuedAt: START, expiresAt: START + 1000 }
  expect(stateOf({}, START)).toBe('pending')
  expect(stateOf(failed({}, 'kdc-unreachable', START), START)).toBe('pending')
  expect(stateOf(succeeded(ticket), START)).toBe('ready')
  const stale = failed(succeeded(ticket), 'kdc-unreachable', START + 500)
  expect(stateOf(stale, START + 999)).toBe('stale')
  expect(stateOf(stale, START + 1000)).toBe('expired')
  expect(stateOf(succeeded({ issuedAt: START + 1000, expiresAt: START + 9000 }), START + 1000)).toBe('ready')
})
