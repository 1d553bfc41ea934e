/** A team is named where all of its identities agree, and identities where they do not. */
import { expect, test } from 'vitest'
import type { Identity } from '../../../../src/core/identity/identity.ts'
import { diffPolicies } from '../../../../src/core/policy/access/diff.ts'
import { whatCan } from '../../../../src/core/policy/access/what-can.ts'
import { whoCan } from '../../../../src/core/policy/access/who-can.ts'
import type { Bundle, Grant } from '../../../../src/core/policy/bundle.ts'
import { bundleOf, hdfs, NOW } from '../bundle-of.ts'

/** Team quant has two identities in the cluster `lab` and one in another. */
function withTwo(grants: readonly Partial<Grant>[], more: Partial<Identity> = {}): Bundle {
  const given = bundleOf(
    { market: { prefixes: ['/data/market', '/data/more'] } },
    grants.map((grant) => ({ datasets: ['market'], actions: ['read' as const], ...grant })),
  )
  const one = given.identities.get('quant-research') as Identity
  const others = [
    { ...one, name: 'quant-loader', ...more },
    { ...one, name: 'quant-far', cluster: 'far' },
  ]
  return { ...given, identities: new Map([one, ...others].map((identity) => [identity.name, identity])) }
}

const TO_ONE = { teams: [], identities: ['quant-research'] }
const TO_BOTH = { teams: [], identities: ['quant-loader', 'quant-research'] }
const NONE = withTwo([])
const diff = (before: Bundle, after: Bundle) => diffPolicies(before, after, { from: NOW }).access
const namesIn = (lines: readonly { readonly team: string; readonly identity?: string }[]) =>
  lines.map(({ team, identity }) => identity ?? team)

test('a grant to one identity is not one to its team', () => {
  const one = withTwo([TO_ONE])
  expect(namesIn(diff(NONE, one))).toEqual(['quant-research'])
  expect(namesIn(whoCan(one, 'read', hdfs('/data/market'), { at: NOW, scope: 'this' }))).toEqual(['quant-research'])
  const all = whatCan(one, [...one.identities.values()], { from: NOW })
  expect(all.map(({ identity, team, cluster }) => `${identity ?? team} ${cluster}`)).toEqual([
    'quant-research lab',
    'quant-loader lab',
    'quant far',
  ])
})

test('a grant to all of its identities in the cluster is, however it is written', () => {
  for (const grant of [TO_BOTH, { teams: ['quant'] }]) {
    const both = withTwo([grant])
    expect(namesIn(diff(NONE, both))).toEqual(['quant'])
    expect(namesIn(whoCan(both, 'read', hdfs('/data/market'), { at: NOW, scope: 'this' }))).toEqual(['quant'])
  }
  expect(diff(withTwo([TO_BOTH]), withTwo([{ teams: ['quant'] }]))).toEqual([])
})

test('all prefixes of a dataset are one line, and one of them is a path', () => {
  const [whole, ...more] = diff(NONE, withTwo([{}]))
  expect(more).toEqual([])
  expect(whole).toMatchObject({ isWhole: true, paths: ['/data/market', '/data/more'] })
  const [part] = diff(NONE, withTwo([{ paths: ['curated'] }]))
  expect(part).toMatchObject({ isWhole: false, paths: ['/data/market/curated', '/data/more/curated'] })
})

test('an identity that comes, goes or moves takes its access along', () => {
  const both = withTwo([{ teams: ['quant'] }])
  const without: Bundle = {
    ...both,
    identities: new Map([...both.identities].filter(([name]) => name !== 'quant-loader')),
  }
  expect(diff(without, both)).toMatchObject([{ direction: 'gained', identity: 'quant-loader' }])
  expect(diff(both, without)).toMatchObject([{ direction: 'lost', identity: 'quant-loader' }])
  expect(diffPolicies(without, both, { from: NOW }).identities).toEqual({ added: ['quant-loader'], removed: [] })
  const moved = withTwo([{ teams: ['quant'] }], { cluster: 'far' })
  expect(diff(both, moved)).toMatchObject([{ direction: 'lost', identity: 'quant-loader', cluster: 'lab' }])
  const left = withTwo([{ teams: ['quant'] }], { team: 'climate' })
  expect(diff(both, left)).toMatchObject([{ direction: 'lost', team: 'quant', identity: 'quant-loader' }])
})

test('grants in shadow count only when asked to, and a policy that goes into shadow says so', () => {
  const shadow = withTwo([{ mode: 'shadow' }])
  expect(diff(NONE, shadow)).toEqual([])
  expect(diffPolicies(NONE, shadow, { from: NOW, withShadow: true }).access).toHaveLength(1)
  expect(whoCan(shadow, 'read', hdfs('/data/market'), { at: NOW, scope: 'this' })).toEqual([])
  expect(diffPolicies(NONE, { ...NONE, mode: 'shadow' }, { from: NOW }).settings).toEqual([
    { kind: 'mode', of: 'policy', was: 'enforce', is: 'shadow' },
  ])
})

test('how an identity is kept is told where it changes, not where one policy only writes out what the other leaves unsaid', () => {
  const saying = (more: object): Bundle => ({
    ...NONE,
    identities: new Map([...NONE.identities].map(([name, it]) => [name, { ...it, ...more }])),
  })
  const settings = (before: Bundle, after: Bundle) => diffPolicies(before, after, { from: NOW }).settings
  const [first = ''] = NONE.identities.keys()
  const spelledOut = saying({ maxStaleSeconds: 3600, secretsThrough: 'sidecar' })
  expect(settings(NONE, spelledOut)).toEqual([])
  const changed = settings(spelledOut, saying({ maxStaleSeconds: 60, secretsThrough: 'broker' }))
  expect(changed.filter(({ of }) => of === first)).toEqual([
    { kind: 'stale', of: first, was: '3600 s', is: '60 s' },
    { kind: 'secrets', of: first, was: 'sidecar', is: 'broker' },
  ])
  expect(settings(saying({ secretsThrough: 'broker' }), NONE)).toContainEqual({
    kind: 'secrets',
    of: first,
    was: 'broker',
    is: 'sidecar',
  })
})
