/** Who can is complete: whoever the law lets do it, in any moment from now on and any pod, is in the answer, and nobody else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Who, whoCan } from '../../../../src/core/policy/access/who-can.ts'
import { ACTIONS } from '../../../../src/core/policy/action.ts'
import { bundleOf, hdfs, NOW } from '../bundle-of.ts'
import { naiveDecide } from '../decision/naive.ts'
import { bundle } from '../decision/near-misses.ts'
import { crowdedIn, IDENTITIES, PODS, TIMES } from './everywhere.ts'

const entryOf = (who: readonly Who[], identity: string): Who | undefined =>
  who.find((one) => (one.identity === undefined ? identity.startsWith(`${one.team}-`) : one.identity === identity))

/** All that ever ask: their namespace is known. */
const KNOWN = PODS.filter(({ namespace }) => namespace !== undefined)

describe('who can', () => {
  for (const scope of ['this', 'subtree'] as const) {
    test(`says of each identity what the law says, on ${scope === 'this' ? 'one path' : 'all below it'}`, () => {
      const seen = new Map<string, number>()
      const asked = fc.record({ action: fc.constantFrom(...ACTIONS), at: fc.nat(1000) })
      fc.assert(
        fc.property(bundle, fc.array(asked, { minLength: 6, maxLength: 6 }), (given, questions) => {
          const paths = crowdedIn([given])
          for (const { action, at } of questions) {
            const path = hdfs(paths[at % paths.length] ?? '/')
            const who = whoCan(given, action, path, { at: NOW, scope, cluster: 'lab' })
            for (const identity of IDENTITIES) {
              const allowedAt = (time: number) =>
                KNOWN.map((pod) =>
                  naiveDecide(given, identity, [{ action, path, scope }], { now: time, paths, ...pod }),
                )
              const now = allowedAt(NOW).filter(({ effect }) => effect === 'allow').length
              const later = TIMES.filter((time) => time > NOW).flatMap(allowedAt)
              const standing =
                now === KNOWN.length
                  ? 'now'
                  : now > 0
                    ? 'some-pods'
                    : later.some(({ effect }) => effect === 'allow')
                      ? 'later'
                      : 'none'
              expect(entryOf(who, identity)?.standing ?? 'none').toBe(standing)
              seen.set(standing, (seen.get(standing) ?? 0) + 1)
            }
          }
        }),
        { numRuns: scope === 'this' ? 150 : 60 },
      )
      expect([...seen.keys()]).toEqual(expect.arrayContaining(['none', 'now']))
    })
  }

  test('it names the grants, their conditions, and what takes it away again', () => {
    const reads = { datasets: ['market'], actions: ['read'] as const }
    const given = bundleOf({ market: { prefixes: ['/data/market'] } }, [
      { ...reads, name: 'reads', expiresAt: NOW + 1000 },
      { ...reads, name: 'wall', effect: 'deny', pods: { namespaces: ['ml-quant'] } },
      { ...reads, name: 'past', teams: ['climate'], expiresAt: NOW },
    ])
    expect(whoCan(given, 'read', hdfs('/data/market/x'), { at: NOW, scope: 'this' })).toEqual([
      {
        cluster: 'lab',
        team: 'quant',
        standing: 'some-pods',
        by: 'grant',
        dataset: 'market',
        when: 'until 2026-06-01T12:00:01Z; except in namespace ml-quant',
        allows: [{ name: 'reads', at: 'grants.yaml:1' }],
        denies: [{ name: 'wall', at: 'grants.yaml:2' }],
      },
    ])
  })

  test('all below it is meant: a deny on one place in it is enough, where it applies', () => {
    const reads = { datasets: ['market'], actions: ['read'] as const }
    const deny = { ...reads, effect: 'deny' as const, paths: ['secret'] }
    const who = (more: Partial<typeof deny> & { pods?: { namespaces: string[] } }, top = '/data/market') => {
      const given = bundleOf({ market: { prefixes: ['/data/market'] } }, [reads, { ...deny, ...more }])
      return whoCan(given, 'read', hdfs(top), { at: NOW, scope: 'subtree' }).map(({ standing }) => standing)
    }
    expect(who({})).toEqual([])
    expect(who({}, '/data/market/other')).toEqual(['now'])
    expect(who({ pods: { namespaces: ['ml-quant'] } })).toEqual(['some-pods'])
  })

  test('a sub-path that another dataset takes leads nowhere', () => {
    const taken = { market: { prefixes: ['/data/market'] }, secret: { prefixes: ['/data/market/secret'] } }
    const reads = { datasets: ['market'], actions: ['list'] as const, paths: ['secret'] }
    const who = (given: ReturnType<typeof bundleOf>) => whoCan(given, 'list', hdfs('/data'), { at: NOW, scope: 'this' })
    expect(who(bundleOf(taken, [reads]))).toEqual([])
    expect(who(bundleOf({ market: taken.market }, [reads]))).toMatchObject([{ team: 'quant', by: 'ancestor' }])
  })

  test('one hour a week is found, in whichever zone and season', () => {
    const during = { days: ['sun'] as const, fromMinute: 125, toMinute: 130, zone: 'Europe/Zurich' }
    const given = bundleOf({ market: { prefixes: ['/data/market'] } }, [
      { datasets: ['market'], actions: ['read'], during },
    ])
    // The clocks skip that hour on the Sunday that comes next.
    const at = Date.parse('2027-03-27T12:00:00Z')
    expect(whoCan(given, 'read', hdfs('/data/market'), { at, scope: 'this' })).toMatchObject([
      { standing: 'later', when: 'sun 02:05-02:10 Europe/Zurich' },
    ])
  })
})
