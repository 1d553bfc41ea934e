/** The decision and the slow second reading of the law agree, on cases made to miss nearly. */
import fc from 'fast-check'
import { expect, inject, test, vi } from 'vitest'
import { ask, bundleOf, NOW, policyFor } from '../bundle-of.ts'
import { compareReadings } from './compare-readings.ts'
import { bundle, demands, now } from './near-misses.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly cases?: number
  }
}

/** Every reason comes up often in so many; `npm run prove` puts a million, and `npm run mutate` fewer. */
const CASES = inject('cases') ?? 10_000
const RUNS = CASES / 10

vi.setConfig({ testTimeout: 60_000 })

test('two readings of the law give the same effect, reason and grants, with grants in shadow and without', () => {
  const { reasons } = compareReadings(CASES)
  const reached = [
    'ancestor',
    'denied-by-grant',
    'grant-expired',
    'granted',
    'nested-dataset',
    'no-dataset',
    'no-grant',
    'not-now',
    'protected-root',
  ]
  expect([...reasons.keys()].sort(), 'the generator reaches every reason').toEqual(reached)
})

test('adding a deny never allows more', () => {
  fc.assert(
    fc.property(bundle, demands, now, (given, asked, at) => {
      const [extra, ...rest] = given.grants
      fc.pre(extra !== undefined)
      const before = policyFor({ ...given, grants: rest }).decide(asked, at)
      const after = policyFor({ ...given, grants: [{ ...extra, effect: 'deny' }, ...rest] }).decide(asked, at)
      if (before.effect === 'deny') expect(after.effect).toBe('deny')
    }),
    { numRuns: RUNS / 2 },
  )
})

test('the order of grants and of datasets never matters', () => {
  fc.assert(
    fc.property(bundle, demands, now, (given, asked, at) => {
      const turned = {
        ...given,
        datasets: new Map([...given.datasets].reverse()),
        grants: [...given.grants].reverse(),
      }
      const one = policyFor(given).decide(asked, at)
      const other = policyFor(turned).decide(asked, at)
      expect([other.effect, other.reason]).toEqual([one.effect, one.reason])
    }),
    { numRuns: RUNS / 2 },
  )
})

test('nothing that is put to it makes it throw, and a time that is no number denies', () => {
  const given = bundleOf({ market: { prefixes: ['/data/market'] } }, [{ datasets: ['market'], actions: ['read'] }])
  const policy = policyFor(given)
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.double(), (action, path, scope, at) => {
      const odd = { action, path, scope } as never
      expect(policy.decide([odd], at).effect).toBe('deny')
    }),
  )
  expect(ask(policy, 'read /data/market/x').effect).toBe('allow')
  expect(ask(policy, 'read /data/market/x', Number.NaN).effect).toBe('deny')
  expect(policy.decide([], NOW).effect).toBe('deny')
})
