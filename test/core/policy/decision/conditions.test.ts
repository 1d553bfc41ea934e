/** Sub-paths, hours, starts, pods and shadow, from the side of someone who wants more than was granted. */
import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../../../src/core/policy/action.ts'
import { limitsAt } from '../../../../src/core/policy/decision/decide.ts'
import { tighter } from '../../../../src/core/policy/decision/limits.ts'
import { ask, bundleOf, hdfs, NOW, policyFor } from '../bundle-of.ts'

const { read, write } = PRESETS
const market = { prefixes: ['/data/market', '/archive/market'] }
const SECOND = 1000

describe('sub-paths', () => {
  const policy = policyFor(
    bundleOf({ market, raw: { prefixes: ['/data/market/curated/raw'] } }, [
      { datasets: ['market'], actions: read, paths: ['curated', 'public/2026'] },
      { datasets: ['market'], actions: ['read'], effect: 'deny', paths: ['curated/embargo', 'curated/raw'] },
      { datasets: ['raw'], actions: write },
    ]),
  )

  test.each([
    ['read /data/market/curated', 'allow', 'granted'],
    ['read /data/market/curated/x', 'allow', 'granted'],
    ['read /archive/market/public/2026/x', 'allow', 'granted'],
    ['read /data/market/curated-2/x', 'deny', 'no-grant'],
    ['read /data/market/x', 'deny', 'no-grant'],
    ['read /data/market/public/x', 'deny', 'no-grant'],
    ['read /data/market/public/2026', 'allow', 'granted'],
    ['read /data/market/curated/embargo/x', 'deny', 'denied-by-grant'],
    ['stat /data/market/curated/embargo/x', 'allow', 'granted'],
    ['read /data/market/curated/**', 'deny', 'denied-by-grant'],
    ['stat /data/market/curated/**', 'allow', 'granted'],
    ['read /data/market/public/2026/**', 'allow', 'granted'],
    ['read /data/market/curated/raw/x', 'deny', 'denied-by-grant'],
    ['create /data/market/curated/raw/x', 'allow', 'granted'],
    ['list /data/market/public', 'allow', 'ancestor'],
    ['list /data/market', 'allow', 'ancestor'],
    ['read /data/market', 'deny', 'no-grant'],
  ])('%s: %s, %s', (demand, effect, reason) => {
    expect(ask(policy, demand)).toMatchObject({ effect, reason })
  })

  test('are counted from the prefix that a path belongs by, never through another dataset', () => {
    const nested = policyFor(
      bundleOf({ outer: { prefixes: ['/d'] }, inner: { prefixes: ['/d/a'] } }, [
        { datasets: ['outer'], actions: read, paths: ['a/b'] },
      ]),
    )
    expect(ask(nested, 'read /d/a/b/x')).toMatchObject({ effect: 'deny' })
  })
})

describe('time', () => {
  const at = (expiry: Partial<{ startsAt: number; expiresAt: number }>, effect: 'allow' | 'deny' = 'allow') =>
    policyFor(
      bundleOf({ market }, [
        ...(effect === 'deny' ? [{ datasets: ['market'], actions: read }] : []),
        { datasets: ['market'], actions: read, effect, ...expiry },
      ]),
    )

  test('a grant begins at its start, and not before', () => {
    const policy = at({ startsAt: NOW })
    expect(ask(policy, 'read /data/market/x', NOW - 1)).toMatchObject({ effect: 'deny', reason: 'not-now' })
    expect(ask(policy, 'read /data/market/x', NOW).effect).toBe('allow')
    expect(ask(policy, 'read /data/market/x', NOW - 1).effect, 'asked again, for the moment before').toBe('deny')
  })
  test('a deny begins and ends at the same moments', () => {
    const policy = at({ startsAt: NOW, expiresAt: NOW + SECOND }, 'deny')
    const effects = [NOW - 1, NOW, NOW + SECOND - 1, NOW + SECOND].map(
      (now) => ask(policy, 'read /data/market/x', now).effect,
    )
    expect(effects).toEqual(['allow', 'deny', 'deny', 'allow'])
  })
  test('at a moment that is none, an allow does not apply and a deny does', () => {
    const both = policyFor(
      bundleOf({ market }, [
        { datasets: ['market'], actions: ['read'] },
        { datasets: ['market'], actions: ['read'], effect: 'deny', startsAt: NOW, expiresAt: NOW + 1 },
      ]),
    )
    expect(ask(both, 'read /data/market/x', Number.NaN).reason).toBe('denied-by-grant')
    expect(ask(at({}), 'read /data/market/x', Number.NaN).effect).toBe('deny')
    expect(ask(at({}, 'deny'), 'read /data/market/x', Number.NaN).reason).toBe('denied-by-grant')
  })
  test('a moment that is none is not taken for one at which the same grants have begun', () => {
    const policy = policyFor(
      bundleOf({ market }, [
        { datasets: ['market'], actions: ['read'] },
        { datasets: ['market'], actions: ['read'], startsAt: NOW + SECOND },
      ]),
    )
    const effects = [NOW, Number.NaN, NOW].map((now) => ask(policy, 'read /data/market/x', now).effect)
    expect(effects).toEqual(['allow', 'deny', 'allow'])
  })
  test('of grants that follow one another, each decides in its own time, however often and in whatever order it is asked', () => {
    const policy = policyFor(
      bundleOf({ market }, [
        { datasets: ['market'], actions: ['read'], expiresAt: NOW },
        { datasets: ['market'], actions: ['list'], startsAt: NOW },
        { datasets: ['market'], actions: ['append'], startsAt: NOW - 10, expiresAt: NOW + 10 },
      ]),
    )
    const said = (demand: string, now: number) => ask(policy, `${demand} /data/market/x`, now).reason
    for (const _ of [1, 2]) {
      expect([NOW - 1, NOW].map((now) => said('read', now))).toEqual(['granted', 'grant-expired'])
      expect([NOW - 1, NOW].map((now) => said('list', now))).toEqual(['not-now', 'granted'])
      expect([NOW - 11, NOW - 10, NOW + 9, NOW + 10].map((now) => said('append', now))).toEqual([
        'not-now',
        'granted',
        'granted',
        'grant-expired',
      ])
    }
  })
  test('hours open and close as the same policy is asked again', () => {
    const during = { days: ['mon' as const], fromMinute: 8 * 60, toMinute: 18 * 60, zone: 'Europe/Zurich' }
    const policy = policyFor(bundleOf({ market }, [{ datasets: ['market'], actions: read, during }]))
    const effects = ['05:59:59', '06:00:00', '15:59:59', '16:00:00', '12:00:00'].map(
      (time) => ask(policy, 'read /data/market/x', Date.parse(`2026-06-01T${time}Z`)).effect,
    )
    expect(effects).toEqual(['deny', 'allow', 'allow', 'deny', 'allow'])
    expect(ask(policy, 'read /data/market/x', Date.parse('2026-06-01T03:00:00Z')).reason).toBe('not-now')
  })
  test('of grants that take turns, the one whose turn it is not lends nothing of what it gave in its own', () => {
    const on = (day: 'mon' | 'tue') => ({ days: [day], fromMinute: 0, toMinute: 24 * 60, zone: 'UTC' })
    const policy = policyFor(
      bundleOf({ market }, [
        { datasets: ['market'], actions: ['read'], during: on('mon') },
        { datasets: ['market'], actions: ['append'], during: on('tue') },
      ]),
    )
    const [monday, tuesday] = [Date.parse('2026-06-01T12:00:00Z'), Date.parse('2026-06-02T12:00:00Z')]
    const effects = (now: number) => ['read', 'append'].map((word) => ask(policy, `${word} /data/market/x`, now).effect)
    expect([monday, tuesday, monday].map(effects)).toEqual([
      ['allow', 'deny'],
      ['deny', 'allow'],
      ['allow', 'deny'],
    ])
  })
  test('a deny with hours denies within them, and leaves what it denies alone outside of them', () => {
    const during = { days: ['mon' as const], fromMinute: 8 * 60, toMinute: 18 * 60, zone: 'UTC' }
    const given = [
      { datasets: ['market'], actions: read },
      { datasets: ['market'], actions: read, effect: 'deny' as const, during },
    ]
    const policy = policyFor(bundleOf({ market }, given))
    const effects = ['07:59:59', '08:00:00', '17:59:59', '18:00:00'].map(
      (time) => ask(policy, 'read /data/market/x', Date.parse(`2026-06-01T${time}Z`)).effect,
    )
    expect(effects).toEqual(['allow', 'deny', 'deny', 'allow'])
  })
  test('what has ended for good says so, whatever hours it had', () => {
    const during = { days: ['sun' as const], fromMinute: 0, toMinute: 60, zone: 'UTC' }
    const policy = policyFor(bundleOf({ market }, [{ datasets: ['market'], actions: read, during, expiresAt: NOW }]))
    expect(ask(policy, 'read /data/market/x', NOW - 1).reason).toBe('not-now')
    expect(ask(policy, 'read /data/market/x', NOW).reason).toBe('grant-expired')
  })
})

describe('shadow', () => {
  const bundle = bundleOf({ market }, [
    { datasets: ['market'], actions: read },
    { datasets: ['market'], actions: ['read'], effect: 'deny', mode: 'shadow' },
    { datasets: ['market'], actions: ['create'], mode: 'shadow' },
  ])

  test('a deny in shadow denies nothing, and is told', () => {
    expect(ask(policyFor(bundle), 'read /data/market/x')).toMatchObject({
      effect: 'allow',
      reason: 'granted',
      shadow: { effect: 'deny', reason: 'denied-by-grant', grants: [{ name: 'grant-1' }] },
    })
  })
  test('an allow in shadow allows nothing, and is told', () => {
    expect(ask(policyFor(bundle), 'create /data/market/x')).toMatchObject({
      effect: 'deny',
      reason: 'no-grant',
      shadow: { effect: 'allow', grants: [{ name: 'grant-2' }] },
    })
  })
  test('where both say the same, nothing is told', () => {
    expect(ask(policyFor(bundle), 'stat /data/market/x')).not.toHaveProperty('shadow')
    expect(ask(policyFor(bundle), 'delete /data/market/x')).not.toHaveProperty('shadow')
  })
  test('a grant in shadow makes a dataset a granted one for what shadow says, and for nothing else', () => {
    const weather = { prefixes: ['/data/weather'] }
    const given = bundleOf({ market, weather }, [
      { datasets: ['market'], actions: ['create'], mode: 'shadow' },
      { datasets: ['weather'], actions: ['create'] },
    ])
    expect(ask(policyFor(given), 'read /data/market/x').reason).toBe('no-dataset')
    expect(ask(policyFor(given), 'read /data/weather/x').reason).toBe('no-grant')
    const inShadow = policyFor({ ...given, mode: 'shadow' })
    expect(ask(inShadow, 'read /data/market/x').shadow).toEqual({ effect: 'deny', reason: 'no-grant', grants: [] })
    expect(ask(inShadow, 'read /data/weather/x').shadow).toEqual({ effect: 'deny', reason: 'no-grant', grants: [] })
    expect(ask(inShadow, 'read /elsewhere').shadow).toEqual({ effect: 'deny', reason: 'no-dataset', grants: [] })
  })
  test('a bundle in shadow refuses nothing, and tells each refusal', () => {
    const policy = policyFor({ ...bundle, mode: 'shadow' })
    expect(ask(policy, 'delete /elsewhere')).toMatchObject({
      effect: 'allow',
      reason: 'shadow',
      shadow: { effect: 'deny', reason: 'no-dataset' },
    })
    expect(ask(policy, 'read /data/market/x')).toMatchObject({ effect: 'allow', shadow: { reason: 'denied-by-grant' } })
    expect(ask(policy, 'stat /data/market/x')).not.toHaveProperty('shadow')
    expect(ask(policy, 'stat /data/market/x')).toMatchObject({ reason: 'granted', grants: [{ name: 'grant-0' }] })
  })
})

describe('protection and limits', () => {
  const bundle = bundleOf(
    {
      market: {
        ...market,
        protectedPaths: ['golden'],
        limits: { fileBytes: 100, replication: 3 },
      },
      free: { prefixes: ['/free'], protect: false },
    },
    [{ datasets: ['market', 'free'], actions: write }],
  )
  const policy = policyFor({
    ...bundle,
    clusters: new Map(
      [...bundle.clusters].map(([name, cluster]) => [name, { ...cluster, limits: { replication: 2 } }]),
    ),
  })

  test.each([
    ['delete /data/market/golden', 'deny'],
    ['delete /archive/market/golden', 'deny'],
    ['delete /data/market/golden/x', 'allow'],
    ['delete /data/market/golden-2', 'allow'],
    ['delete /data/market', 'deny'],
    ['delete /free/**', 'allow'],
  ])('%s: %s', (demand, effect) => {
    expect(ask(policy, demand).effect).toBe(effect)
  })
  test('a sub-path that lies in a dataset of its own is not protected by the one around it', () => {
    const outer = { prefixes: ['/m'], protectedPaths: ['a/b', 'c'] }
    const own = { prefixes: ['/m/a'], protect: false }
    const both = policyFor(bundleOf({ outer, own }, [{ datasets: ['outer', 'own'], actions: write }]))
    expect(ask(both, 'delete /m/a/b').effect).toBe('allow')
    expect(ask(both, 'delete /m/c').reason).toBe('protected-root')
  })
  test('a subtree around a protected sub-path is not deleted', () => {
    const inside = policyFor(
      bundleOf({ market: { prefixes: ['/m'], protectedPaths: ['a/b'] } }, [{ datasets: ['market'], actions: write }]),
    )
    expect(ask(inside, 'delete /m/a/**').reason).toBe('protected-root')
    expect(ask(inside, 'delete /m/a').effect).toBe('allow')
  })
  test('limits of a dataset at the root hold at the root, and wherever nothing else was laid out', () => {
    const whole = policyFor(
      bundleOf({ all: { prefixes: ['/'], limits: { replication: 1 } }, market }, [
        { datasets: ['all', 'market'], actions: write },
      ]),
    )
    for (const path of ['/', '/elsewhere', '/data', '/data/x']) {
      expect(limitsAt(whole.at(NOW), hdfs(path)), path).toEqual({ replication: 1 })
    }
    expect(limitsAt(whole.at(NOW), hdfs('/data/market/x'))).toBeUndefined()
  })
  test('a dataset narrows the limits of its cluster, and never widens them', () => {
    expect(limitsAt(policy.at(NOW), hdfs('/data/market/x'))).toEqual({ fileBytes: 100, replication: 2 })
    expect(limitsAt(policy.at(NOW), hdfs('/free'))).toEqual({ replication: 2 })
    expect(limitsAt(policy.at(NOW), hdfs('/elsewhere'))).toBeUndefined()
    expect(tighter({ replication: 2 }, { replication: 5, blockBytes: 1 })).toEqual({ replication: 2, blockBytes: 1 })
    expect(tighter({ fileBytes: 9, blockBytes: 7 }, { fileBytes: 3 })).toStrictEqual({ fileBytes: 3, blockBytes: 7 })
    expect([tighter(undefined, { fileBytes: 3 }), tighter({ fileBytes: 3 }, undefined)]).toEqual([
      { fileBytes: 3 },
      { fileBytes: 3 },
    ])
    expect(tighter(undefined, undefined)).toBeUndefined()
  })
})
