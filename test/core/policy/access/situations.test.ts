/** Few moments and few pods stand for all: whatever windows, dates and selectors say together of any, they say of one of these. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { momentsOf } from '../../../../src/core/policy/access/moments.ts'
import { podsFor } from '../../../../src/core/policy/access/pods.ts'
import { isInForce, type Timed } from '../../../../src/core/policy/decision/in-force.ts'
import { pertains } from '../../../../src/core/policy/decision/pod-condition.ts'
import type { Requirement } from '../../../../src/core/policy/decision/selector.ts'
import { DAYS } from '../../../../src/core/policy/decision/window.ts'
import { NOW } from '../bundle-of.ts'

const QUARTER_MS = 900_000
const YEAR_MS = 366 * 86_400_000

/** Minutes in whole quarters, so that looking each quarter of an hour misses none. */
const quarter = fc.nat(95).map((quarters) => quarters * 15)
const during = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1, maxLength: 3 }),
  fromMinute: quarter,
  toMinute: quarter.map((minute) => minute + 15),
  // Apart from each other by other hours in two weeks of spring and one of autumn, and by half a day.
  zone: fc.constantFrom('Europe/Zurich', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
})
const edge = fc.nat(40_000).map((quarters) => NOW + quarters * QUARTER_MS)
const timed: fc.Arbitrary<Timed> = fc.record(
  { effect: fc.constant('allow' as const), during, startsAt: edge, expiresAt: edge },
  { requiredKeys: ['effect', 'during'] },
)

test('of all quarters of an hour in a year, none says what no moment says', () => {
  fc.assert(
    fc.property(fc.array(timed, { minLength: 1, maxLength: 3 }), (grants) => {
      const says = (time: number) => grants.map((grant) => (isInForce(grant, time) ? 'y' : 'n')).join('')
      const said = new Set(momentsOf(grants, NOW).map(({ time }) => says(time)))
      const missed = new Set<string>()
      for (let time = NOW; time < NOW + YEAR_MS; time += QUARTER_MS) if (!said.has(says(time))) missed.add(says(time))
      expect([...missed]).toEqual([])
    }),
    { numRuns: 5 },
  )
})

test('hours that meet only while one clock has been put back and the other has not', () => {
  const at = (fromMinute: number, zone: string): Timed => {
    return { effect: 'allow', during: { days: DAYS, fromMinute, toMinute: fromMinute + 15, zone } }
  }
  const both = [at(14 * 60, 'Europe/Zurich'), at(9 * 60, 'America/New_York')]
  const meeting = momentsOf(both, NOW).filter(({ time }) => both.every((grant) => isInForce(grant, time)))
  expect(meeting.map(({ time }) => new Date(time).toISOString().slice(0, 7))).toEqual(['2026-10'])
})

test('each moment lies in its stretch, and the stretches follow each other', () => {
  fc.assert(
    fc.property(fc.array(timed, { maxLength: 3 }), (grants) => {
      for (const { time, from, until } of momentsOf(grants, NOW)) {
        expect(time >= from && time < until && from >= NOW).toBe(true)
      }
    }),
    { numRuns: 5 },
  )
})

const KEYS = ['stage', 'constructor', 'team'] as const
const VALUES = ['dev', 'prod', '', 'other'] as const
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
    values: fc.constant([]),
  }),
)
const NAMESPACES = ['ml-quant', 'ml-climate', 'any-other'] as const
const asking = fc.record({
  effect: fc.constantFrom('allow' as const, 'deny' as const),
  pods: fc.record(
    {
      namespaces: fc.uniqueArray(fc.constantFrom(...NAMESPACES), { minLength: 1, maxLength: 2 }),
      selector: fc.array(requirement, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
})
const labels = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES, 'never-named')), { maxLength: 3 })
  .map((pairs) => new Map<string, string>(pairs))
const pod = fc.record({ namespace: fc.constantFrom(...NAMESPACES, 'never-named'), labels }, { requiredKeys: [] })

test('of any pod nothing is said that is not said of one of these', () => {
  fc.assert(
    fc.property(
      fc.array(asking, { maxLength: 4 }),
      fc.array(pod, { minLength: 20, maxLength: 20 }),
      (grants, given) => {
        const { pods, isWhole } = podsFor(grants)
        expect(isWhole).toBe(true)
        const says = (one: (typeof pods)[number]) => grants.map((grant) => (pertains(grant, one) ? 'y' : 'n')).join('')
        const said = pods.map(says)
        for (const one of given) expect(said).toContain(says(one))
      },
    ),
    { numRuns: 500 },
  )
})
