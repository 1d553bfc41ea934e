/** What a decision says beside yes and no: someone who is refused must be told of the right grant, and of no other. */
import { describe, expect, test } from 'vitest'
import { ACTIONS, PRESETS } from '../../../../src/core/policy/action.ts'
import { ask, bundleOf, NOW, policyFor } from '../bundle-of.ts'

const { read } = PRESETS
const named = (policy: ReturnType<typeof policyFor>, demand: string) => {
  const { reason, dataset, grants } = ask(policy, demand)
  return { reason, dataset, grants: grants.map(({ name }) => name) }
}

test('an operation that demands nothing is refused, and said to have asked for everything', () => {
  expect(policyFor(bundleOf({}, [])).decide([], NOW)).toEqual({
    effect: 'deny',
    reason: 'no-grant',
    grants: [],
    demand: { action: 'admin', path: '/', scope: 'subtree' },
  })
})

test('outside of all datasets none is named', () => {
  const policy = policyFor(
    bundleOf({ market: { prefixes: ['/data/market'] } }, [{ datasets: ['market'], actions: read }]),
  )
  expect(ask(policy, 'read /elsewhere')).not.toHaveProperty('dataset')
  expect(ask(policy, 'list /data')).not.toHaveProperty('dataset')
})

test('grants are named in the order of the files, wherever they begin', () => {
  const policy = policyFor(
    bundleOf({ inner: { prefixes: ['/d/a'] }, outer: { prefixes: ['/d'] } }, [
      { datasets: ['inner'], actions: read, effect: 'deny' },
      { datasets: ['outer'], actions: read, effect: 'deny' },
      { datasets: ['inner'], actions: ['read'], effect: 'deny' },
    ]),
  )
  expect(named(policy, 'read /d/a/x').grants).toEqual(['grant-0', 'grant-1', 'grant-2'])
  expect(named(policy, 'stat /d/a/x').grants).toEqual(['grant-0', 'grant-1'])
})

test('each grant stands with the file and line of its own', () => {
  const places = ['a.yaml:3', 'b.yaml:5', 'c.yaml:7']
  const denies = places.map((at) => ({ at, datasets: ['d'], actions: read, effect: 'deny' as const }))
  const policy = policyFor(bundleOf({ d: { prefixes: ['/d'] } }, denies))
  expect(ask(policy, 'read /d/x').grants.map(({ at }) => at)).toEqual(places)
})

describe('a subtree that something below cuts short', () => {
  const policy = policyFor(
    bundleOf(
      {
        top: { prefixes: ['/d'], protect: false },
        first: { prefixes: ['/d/a/first'], protect: false },
        denied: { prefixes: ['/d/b/c/denied'] },
        wall: { prefixes: ['/d/b/e/wall'] },
        last: { prefixes: ['/d/z/last'], protect: false },
      },
      [
        { datasets: ['top', 'first', 'denied', 'last'], actions: ACTIONS },
        { datasets: ['denied'], actions: ['read'], effect: 'deny' },
        { datasets: ['denied'], actions: ['append'], effect: 'deny' },
      ],
    ),
  )

  test('by a deny names the place of the deny and that deny alone, however deep it lies, and never a sibling', () => {
    for (const top of ['/d', '/d/b', '/d/b/c']) {
      expect(named(policy, `read ${top}/**`), top).toEqual({
        reason: 'denied-by-grant',
        dataset: 'denied',
        grants: ['grant-1'],
      })
    }
  })
  test('by a dataset that is not granted names that one, and no grant', () => {
    for (const top of ['/d', '/d/b', '/d/b/e']) {
      expect(named(policy, `stat ${top}/**`), top).toEqual({ reason: 'nested-dataset', dataset: 'wall', grants: [] })
    }
  })
  test('by protection names the top, and no grant', () => {
    expect(named(policy, 'delete /d/b/**')).toEqual({ reason: 'protected-root', dataset: 'top', grants: [] })
  })
})

test('the way to a grant rests on one grant that begins at its end, not on a deny, nor on one that leads nowhere', () => {
  const policy = policyFor(
    bundleOf(
      {
        other: { prefixes: ['/w/a/other'] },
        market: { prefixes: ['/w/m/data/market'] },
        last: { prefixes: ['/w/z/last'] },
      },
      [
        { datasets: ['market'], actions: ['append'], effect: 'deny' },
        { datasets: ['other', 'last'], actions: read, expiresAt: NOW },
        { datasets: ['market'], actions: ['create'] },
        { datasets: ['market'], actions: read },
      ],
    ),
  )
  for (const top of ['/', '/w', '/w/m', '/w/m/data']) {
    expect(named(policy, `list ${top}`), top).toEqual({ reason: 'ancestor', dataset: undefined, grants: ['grant-2'] })
  }
})
