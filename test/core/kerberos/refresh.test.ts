/** Laws of keeping a ticket: never early by much, never late, never given up, and gentle with a KDC that says no. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  failed,
  type Keeping,
  nextStep,
  retryWaitMs,
  stateOf,
  succeeded,
  unchanged,
} from '../../../src/core/kerberos/refresh.ts'

const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const lives = fc.integer({ min: 1000, max: 7 * 86_400_000 })
const START = 1_700_000_000_000

/** A store that is looked into so rarely that only the ticket counts. */
const SELDOM = Number.MAX_SAFE_INTEGER
const next = (keeping: Keeping, now: number, jitter: number, lookMs = SELDOM) =>
  nextStep(keeping, now, { jitter, lookMs })
const waitOf = (keeping: Keeping, now: number, jitter: number, lookMs = SELDOM) => {
  const step = next(keeping, now, jitter, lookMs)
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
      expect(next(keeping, START + Math.ceil(wait), jitter)).toEqual({ do: 'authenticate' })
    }),
  )
})

test('without a ticket, or with one that has ended, it authenticates at once', () => {
  expect(next({}, START, 0.5)).toEqual({ do: 'authenticate' })
  expect(next(succeeded({ issuedAt: 0, expiresAt: START }), START, 0.5)).toEqual({ do: 'authenticate' })
})

test('failures wait between 1 s and 2 min, longer each time at most, and never for ever', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), jitters, (count, jitter) => {
      const wait = retryWaitMs({ count, code: 'kdc-unreachable', lastAt: START }, jitter)
      expect(wait).toBeGreaterThanOrEqual(1000)
      expect(wait).toBeLessThanOrEqual(120_000)
    }),
  )
})

test('between refreshes the store is looked into, a fifth more or less, counted from the last look', () => {
  const day = succeeded({ issuedAt: START, expiresAt: START + 86_400_000 })
  fc.assert(
    fc.property(jitters, fc.integer({ min: 10_000, max: 600_000 }), (jitter, lookMs) => {
      for (const keeping of [day, unchanged(day, START)]) {
        const wait = waitOf(keeping, START, jitter, lookMs)
        expect(wait).toBeGreaterThanOrEqual(lookMs * 0.8 - 1)
        expect(wait).toBeLessThanOrEqual(lookMs * 1.2 + 1)
        expect(next(keeping, START + Math.ceil(wait), jitter, lookMs)).toEqual({ do: 'look' })
      }
      // A look is not a login: when half of its life is over the ticket is refreshed all the same.
      expect(next(unchanged(day, START + 52_000_000), START + 52_000_000, jitter, lookMs)).toEqual({
        do: 'authenticate',
      })
    }),
  )
})

test('a look that failed is tried again as a look, and one that finds all as it was ends the failure', () => {
  const failedLook = failed(succeeded({ issuedAt: START, expiresAt: START + 86_400_000 }), 'secret-not-found', START)
  expect(stateOf(failedLook, START)).toBe('stale')
  expect(next(failedLook, START + 120_000, 0.5, 60_000)).toEqual({ do: 'look' })
  expect(stateOf(unchanged(failedLook, START), START)).toBe('ready')
})

test('a ticket that is distrusted is replaced at once, and as often as any that failed', () => {
  const ticket = succeeded({ issuedAt: START, expiresAt: START + 86_400_000 })
  expect(next({ ...ticket, isDistrusted: true }, START, 0.5)).toEqual({ do: 'authenticate' })
  expect(waitOf(failed({ ...ticket, isDistrusted: true }, 'kdc-unreachable', START), START, 0)).toBeGreaterThanOrEqual(
    1000,
  )
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
