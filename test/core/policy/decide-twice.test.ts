/** The decision and the slow second reading of the law agree, on cases made to miss nearly. */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { decide } from '../../../src/core/policy/decide.ts'
import { ask, bundleOf, NOW, trieFor } from './bundle-of.ts'
import { naiveDecide } from './naive.ts'
import { bundle, demands, now, WORLD } from './near-misses.ts'

/** Every reason comes up several times in so many. Set to a million for a long run by hand. */
const RUNS = 1000

vi.setConfig({ testTimeout: 60_000 })

test('two readings of the law give the same effect, reason and grants', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(bundle, demands, now, (policy, asked, at) => {
      const decision = decide(trieFor(policy), asked, at)
      const verdict = naiveDecide(policy, 'quant-research', asked, at, WORLD)
      seen.set(verdict.reason, (seen.get(verdict.reason) ?? 0) + 1)
      expect([decision.effect, decision.reason]).toEqual([verdict.effect, verdict.reason])
      if (verdict.grants.length > 0 && asked.length === 1) {
        expect(decision.grants.map(({ name }) => name).sort()).toEqual([...verdict.grants].sort())
      }
    }),
    { numRuns: RUNS },
  )
  const reasons = [
    'ancestor',
    'denied-by-grant',
    'grant-expired',
    'granted',
    'nested-dataset',
    'no-dataset',
    'no-grant',
    'protected-root',
  ]
  expect([...seen.keys()].sort(), 'the generator reaches every reason').toEqual(reasons)
})

test('adding a deny never allows more', () => {
  fc.assert(
    fc.property(bundle, demands, now, (policy, asked, at) => {
      const [extra, ...rest] = policy.grants
      fc.pre(extra !== undefined)
      const before = decide(trieFor({ ...policy, grants: rest }), asked, at)
      const after = decide(trieFor({ ...policy, grants: [{ ...extra, effect: 'deny' }, ...rest] }), asked, at)
      if (before.effect === 'deny') expect(after.effect).toBe('deny')
    }),
    { numRuns: RUNS / 2 },
  )
})

test('the order of grants and of datasets never matters', () => {
  fc.assert(
    fc.property(bundle, demands, now, (policy, asked, at) => {
      const turned = {
        ...policy,
        datasets: new Map([...policy.datasets].reverse()),
        grants: [...policy.grants].reverse(),
      }
      const one = decide(trieFor(policy), asked, at)
      const other = decide(trieFor(turned), asked, at)
      expect([other.effect, other.reason]).toEqual([one.effect, one.reason])
    }),
    { numRuns: RUNS / 2 },
  )
})

test('nothing that is put to it makes it throw, and a time that is no number denies', () => {
  const policy = bundleOf({ market: { prefixes: ['/data/market'] } }, [{ datasets: ['market'], actions: ['read'] }])
  const trie = trieFor(policy)
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.double(), (action, path, scope, at) => {
      const given = { action, path, scope } as never
      expect(decide(trie, [given], at).effect).toBe('deny')
    }),
  )
  expect(ask(trie, 'read /data/market/x').effect).toBe('allow')
  expect(ask(trie, 'read /data/market/x', Number.NaN).effect).toBe('deny')
  expect(decide(trie, [], NOW).effect).toBe('deny')
})
