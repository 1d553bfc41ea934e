/** What `explain` draws is what decided, and what it proposes does allow. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Identity } from '../../../../src/core/identity/identity.ts'
import { PRESETS } from '../../../../src/core/policy/action.ts'
import { considered } from '../../../../src/core/policy/answers/considered.ts'
import { type Edit, remedy } from '../../../../src/core/policy/answers/remedy.ts'
import type { Bundle } from '../../../../src/core/policy/bundle.ts'
import { judgeDemands } from '../../../../src/core/policy/decision/judge.ts'
import { ask, bundleOf, demandOf, NOW, policyFor } from '../bundle-of.ts'
import { bundle, demands, namespace, now } from '../decision/near-misses.ts'

const identityIn = (given: Bundle): Identity => given.identities.get('quant-research') as Identity

test('the grants that are marked as applying are those that the decision rests on', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(bundle, demands, now, namespace, (given, asked, at, from) => {
      const pod = from === undefined ? {} : { namespace: from }
      const [demand] = asked
      fc.pre(demand !== undefined && demand.scope === 'this')
      const decision = policyFor(given, 'quant-research', pod).decide([demand], at)
      const applying = considered(given, { identity: identityIn(given), now: at, pod }, demand).filter(
        ({ applies }) => applies,
      )
      const named = (effect: string) =>
        applying
          .filter(({ grant }) => grant.effect === effect)
          .map(({ grant }) => grant.name)
          .sort()
      const rests = decision.grants.map(({ name }) => name).sort()
      if (decision.reason === 'granted') expect(named('allow')).toEqual(rests)
      expect(named('deny'), decision.reason).toEqual(decision.reason === 'denied-by-grant' ? rests : [])
      seen.set(decision.reason, (seen.get(decision.reason) ?? 0) + 1)
    }),
    { numRuns: 1500 },
  )
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['granted', 'denied-by-grant', 'no-grant', 'not-now']))
})

test('a remedy, where there is one, begins at a refusal and ends at an allow; and what is allowed needs none', () => {
  let proposed = 0
  fc.assert(
    fc.property(bundle, demands, now, (given, asked, at) => {
      fc.pre(asked.length > 0)
      const judge = (edited: Bundle) => judgeDemands(policyFor(edited), asked, at)
      const edits = remedy(given, identityIn(given), judge)
      if (judge(given).effect === 'allow') expect(edits).toEqual([])
      else expect(edits?.length, 'a refused operation has a remedy of few edits').not.toBe(0)
      proposed += edits?.length ?? 0
    }),
    { numRuns: 500 },
  )
  expect(proposed).toBeGreaterThan(500)
})

const market = { prefixes: ['/data/market'], owner: 'climate' }
const kindsFor = (given: Bundle, demand: string): readonly (Edit['kind'] | undefined)[] => {
  const judge = (edited: Bundle) => judgeDemands(policyFor(edited), [demandOf(demand)], NOW)
  expect(ask(policyFor(given), demand).effect).toBe('deny')
  return (remedy(given, identityIn(given), judge) ?? []).map(({ kind }) => kind)
}

test('an action is added only to a grant that is this team’s alone and on this dataset alone', () => {
  const alone = { datasets: ['market'], actions: PRESETS.read }
  const wider = bundleOf({ market, home: { prefixes: ['/home'] } }, [{ ...alone, datasets: ['market', 'home'] }])
  expect(kindsFor(bundleOf({ market }, [alone]), 'create /data/market/x')).toEqual(['add-action'])
  expect(kindsFor(wider, 'create /data/market/x')).toEqual(['new-grant'])
  for (const more of [
    { teams: ['quant', 'climate'] },
    { paths: ['raw'] },
    { startsAt: NOW + 1 },
    { mode: 'shadow' as const },
  ]) {
    expect(kindsFor(bundleOf({ market }, [{ ...alone, ...more }]), 'create /data/market/x')).toEqual(['new-grant'])
  }
})

test.each<[string, Parameters<typeof bundleOf>[1], string, readonly Edit['kind'][]]>([
  [
    'a grant that has ended',
    [{ datasets: ['market'], actions: PRESETS.read, expiresAt: NOW }],
    'read /data/market/x',
    ['move-expiry'],
  ],
  [
    'a grant of later',
    [{ datasets: ['market'], actions: PRESETS.read, startsAt: NOW + 1 }],
    'read /data/market/x',
    ['drop-times'],
  ],
  ['a path without a dataset', [], 'read /elsewhere/x', ['new-dataset', 'new-grant']],
  [
    'a deny, which no allow lifts',
    [{ datasets: ['market'], actions: PRESETS.read, effect: 'deny' }],
    'read /data/market/x',
    ['narrow-deny', 'new-grant'],
  ],
  ['a protected root', [{ datasets: ['market'], actions: PRESETS.write }], 'delete /data/market', ['unprotect']],
])('%s', (_, grants, demand, kinds) => {
  expect(kindsFor(bundleOf({ market }, grants), demand)).toEqual(kinds)
})
