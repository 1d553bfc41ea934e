/** What the lint calls needless is: without it, the slow second reading of the law decides everything as before. */
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { Bundle, Grant } from '../../../../src/core/policy/bundle.ts'
import { bundleOf, type demandOf, NOW } from '../bundle-of.ts'
import { naiveDecide } from '../decision/naive.ts'
import { bundle, demands, now, WORLD } from '../decision/near-misses.ts'
import { type Flag, flagsOf, removalsOf, without } from './flagged.ts'

const RUNS = 120
const CODES = [
  'nobody-there',
  'sub-path-elsewhere',
  'namespace-of-nobody',
  'implied',
  'covered',
  'covered-deny',
] as const
const IDENTITIES = [
  { identity: 'quant-research', namespace: 'ml-quant' },
  { identity: 'climate-models', namespace: 'ml-climate' },
] as const

vi.setConfig({ testTimeout: 120_000 })

type Asked = {
  readonly before: Bundle
  readonly after: Bundle
  readonly demand: ReturnType<typeof demandOf>
  readonly at: number
}

/** Both readings of one demand, for each identity in the namespace where it may be, with grants in shadow and without. */
function verdicts({ before, after, demand, at }: Asked) {
  return IDENTITIES.flatMap(({ identity, namespace }) =>
    [false, true].map((withShadow) => {
      const world = { now: at, namespace, paths: WORLD, withShadow }
      const decide = (bundle: Bundle) => naiveDecide(bundle, identity, [demand], world)
      return { was: decide(before), is: decide(after) }
    }),
  )
}

const CHANGES: readonly Partial<Grant>[] = [
  {},
  { actions: ['read'] },
  { actions: ['stat', 'list', 'read'] },
  { paths: ['sales'] },
  { paths: ['sales', 'data'], effect: 'allow' },
  { expiresAt: NOW + 1 },
  { expiresAt: NOW },
  { teams: ['quant', 'quant'] },
  { startsAt: NOW },
  { pods: { namespaces: ['ml-quant'] } },
  { mode: 'shadow' },
  { effect: 'deny' },
  { effect: 'allow' },
  { teams: [], identities: ['quant-research'] },
  { datasets: ['market'] },
]
const change = fc.record({ of: fc.nat(), change: fc.constantFrom(...CHANGES), isFirst: fc.boolean() })

/** Beside some grants a second one that is nearly the same, before or after it. */
const paired = fc.tuple(bundle, fc.array(change, { minLength: 1, maxLength: 4 })).map(([given, changes]): Bundle => {
  const grants = [...given.grants]
  for (const [index, { of, change, isFirst }] of changes.entries()) {
    const like = grants[of % grants.length]
    if (like !== undefined) grants.splice(isFirst ? 0 : grants.length, 0, { ...like, ...change, name: `near-${index}` })
  }
  return { ...given, grants }
})

/** Takes away what is flagged, all of it at once, and asks again. Says how often something was flagged. */
function compare(code: string | ((given: Bundle) => readonly Flag[]), check: (asked: Asked) => void): number {
  let flagged = 0
  fc.assert(
    fc.property(paired, fc.array(demands, { minLength: 6, maxLength: 6 }), now, (before, asked, at) => {
      const flags = typeof code === 'string' ? flagsOf(before, code, NOW) : code(before)
      if (flags.length === 0) return
      flagged += 1
      const after = without(before, flags)
      for (const demand of asked.flat()) check({ before, after, demand, at })
    }),
    { numRuns: RUNS },
  )
  return flagged
}

test.each(CODES)('what is `%s` can go, and no decision changes', (code) => {
  const flagged = compare(code, (asked) => {
    for (const { was, is } of verdicts(asked)) expect(is.effect).toBe(was.effect)
  })
  expect(flagged, 'the generator makes such grants').toBeGreaterThan(0)
})

test('what is `allow-denied` can go, and no decision changes but for a look at the directories above', () => {
  const flagged = compare('allow-denied', (asked) => {
    for (const { was, is } of verdicts(asked)) if (was.reason !== 'ancestor') expect(is.effect).toBe(was.effect)
  })
  expect(flagged).toBeGreaterThan(0)
})

test('what --fix takes away never gives anything, not even by a clock that is late', () => {
  const fixed = compare(
    (given) => removalsOf(given, NOW),
    (asked) => {
      for (const { was, is } of verdicts(asked)) {
        if (asked.at >= NOW) expect(is.effect).toBe(was.effect)
        else if (was.effect === 'deny') expect(is.effect).toBe('deny')
      }
    },
  )
  expect(fixed).toBeGreaterThan(0)
})

describe('covered', () => {
  const market = { market: { prefixes: ['/data/market'] } }
  const flagged = (...grants: Parameters<typeof bundleOf>[1]) =>
    flagsOf(bundleOf(market, grants), 'covered', NOW).map(({ grant }) => grant)
  const read = { datasets: ['market'], actions: ['stat', 'list', 'read'] as const }
  const noon = { days: ['mon'] as const, fromMinute: 600, toMinute: 720, zone: 'UTC' }

  test('of two that are alike the later is, of three the later two', () => {
    expect(flagged(read, read)).toEqual(['grant-1'])
    expect(flagged(read, read, read).sort()).toEqual(['grant-1', 'grant-2'])
  })
  test('by several together', () => {
    expect(flagged({ ...read, actions: ['read'] }, { ...read, actions: ['stat', 'list'] }, read)).toContain('grant-2')
  })
  test.each([
    ['one that ends sooner', { ...read, expiresAt: NOW + 1 }],
    ['one that begins later', { ...read, startsAt: NOW - 1 }],
    ['one for other pods', { ...read, pods: { namespaces: ['ml-quant'] } }],
    ['one in its hours only', { ...read, during: noon }],
    ['one in shadow', { ...read, mode: 'shadow' as const }],
    ['one for an identity of the team', { ...read, teams: [], identities: ['quant-research'] }],
    ['one on a part', { ...read, paths: ['sales'] }],
    ['a deny', { ...read, effect: 'deny' as const }],
  ])('a whole one is not by %s, and the other way round it is', (_, narrow) => {
    expect(flagged(narrow, read)).toEqual('effect' in narrow ? [] : ['grant-0'])
  })
  test('hours lie within hours of the same zone', () => {
    const within = { ...read, during: { ...noon, fromMinute: 610, toMinute: 700 } }
    expect(flagged({ ...read, during: { ...noon, days: ['mon', 'tue'] as const } }, within)).toEqual(['grant-1'])
    expect(flagged({ ...read, during: { ...noon, zone: 'Europe/Zurich' } }, within)).toEqual([])
    expect(flagged({ ...read, during: { ...noon, fromMinute: 720, toMinute: 600 } }, within)).toEqual([])
  })
  test('a part is not by a whole that may not be listed: the way down to the part would be lost', () => {
    const part = { ...read, actions: ['read'] as const, paths: ['sales/2026'] }
    expect(flagged({ ...read, actions: ['read'] }, part)).toEqual([])
    expect(flagged({ ...read, actions: ['read', 'stat', 'list'] }, part)).toEqual(['grant-1'])
  })
})

test('an allow is not denied by a deny that ends, waits, asks for pods, or leaves a part', () => {
  const allow = { datasets: ['market'], actions: ['read'] as const }
  const deny = { ...allow, effect: 'deny' as const }
  const flagged = (...denies: Parameters<typeof bundleOf>[1]) =>
    flagsOf(
      bundleOf({ market: { prefixes: ['/a', '/b'] }, a: { prefixes: ['/'] } }, [allow, ...denies]),
      'allow-denied',
      NOW,
    )
  expect(flagged(deny)).toHaveLength(1)
  expect(flagged({ ...deny, datasets: ['a'] })).toHaveLength(1)
  for (const weaker of [
    { expiresAt: NOW + 1 },
    { startsAt: NOW },
    { pods: { namespaces: ['ml-quant'] } },
    { paths: ['sales'] },
    { mode: 'shadow' as const },
    { teams: [], identities: ['quant-research'] },
    { actions: ['list'] as const },
  ]) {
    expect(flagged({ ...deny, ...weaker })).toEqual([])
  }
})
