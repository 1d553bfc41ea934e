/** What goes into a slice, and what of other teams stays out of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PRESETS } from '../../../src/core/policy/action.ts'
import { compile, conditionalGrants } from '../../../src/core/policy/compile.ts'
import { ancestorsOf, placesOf } from '../../../src/core/policy/places.ts'
import { bundleOf, hdfs } from './bundle-of.ts'
import { bundle } from './decision/near-misses.ts'

const { read } = PRESETS
const policy = bundleOf(
  {
    market: { prefixes: ['/data/market', '/archive/market'] },
    nested: { prefixes: ['/data/market/raw/vendor'] },
    sibling: { prefixes: ['/data/market-restricted', '/data'] },
    weather: { prefixes: ['/data/weather'], cluster: 'far' },
  },
  [
    { datasets: ['market'], actions: read },
    { datasets: ['sibling'], actions: read, teams: ['climate'] },
    { datasets: ['weather'], actions: read },
  ],
)

test('a slice holds the granted prefixes, and those of others that cut them short', () => {
  expect(compile(policy, 'quant-research')?.places).toEqual([
    { path: '/archive/market', dataset: 'market', protect: true, grants: [0] },
    { path: '/data/market', dataset: 'market', protect: true, grants: [0] },
    { path: '/data/market/raw/vendor', dataset: 'nested', protect: true, grants: [] },
  ])
})

test('a slice holds no grant of another team, and none on another cluster', () => {
  expect(compile(policy, 'quant-research')?.grants.map(({ name }) => name)).toEqual(['grant-0'])
})

test('a grant that names a dataset twice counts once', () => {
  const twice = bundleOf({ market: { prefixes: ['/m'] } }, [{ datasets: ['market', 'market'], actions: read }])
  expect(compile(twice, 'quant-research')?.places[0]?.grants).toEqual([0])
})

test('an identity that does not exist has no slice', () => {
  expect(compile(policy, 'quant')).toBeUndefined()
  expect(compile(policy, 'constructor')).toBeUndefined()
})

test('an identity without any grant has a slice that allows nothing', () => {
  const none = compile(bundleOf({ market: { prefixes: ['/'] } }, []), 'quant-research')
  expect(none).toMatchObject({ grants: [], places: [] })
})

test('places come sorted and once, whatever the order of the datasets', () => {
  fc.assert(
    fc.property(bundle, (given) => {
      const turned = { ...given, datasets: new Map([...given.datasets].reverse()) }
      const places = compile(given, 'quant-research')?.places
      expect(compile(turned, 'quant-research')?.places).toEqual(places)
      const paths = places?.map(({ path }) => path) ?? []
      expect(paths).toEqual([...new Set(paths)].sort())
    }),
  )
})

test('what is for another pod is no part of the slice, neither its grants nor the sub-paths that they name', () => {
  const market = { market: { prefixes: ['/m'] } }
  const pods = { namespaces: ['ml-climate'] }
  const given = bundleOf(market, [
    { datasets: ['market'], actions: read },
    { datasets: ['market'], actions: read, paths: ['secret-plan'], pods },
  ])
  const slice = compile(given, 'quant-research', { namespace: 'ml-quant' })
  expect(slice?.grants.map(({ name }) => name)).toEqual(['grant-0'])
  expect(slice?.places.map(({ path }) => path)).toEqual(['/m'])
  expect(JSON.stringify(slice)).not.toContain('secret-plan')
  expect(compile(given, 'quant-research')?.grants).toHaveLength(1)
})

test('which grants ask something of the pod is known of each identity, and of no other', () => {
  const pods = { namespaces: ['ml-quant'] }
  const given = bundleOf({ market: { prefixes: ['/m'] } }, [
    { datasets: ['market'], actions: read },
    { datasets: ['market'], actions: read, pods },
    { datasets: ['market'], actions: read, pods, teams: ['climate'] },
    { datasets: ['market'], actions: read, pods, teams: [], identities: ['quant-research'] },
  ])
  expect(conditionalGrants(given, 'quant-research').map(({ name }) => name)).toEqual(['grant-1', 'grant-3'])
  expect(conditionalGrants(given, 'nobody')).toEqual([])
})

test('a slice tells of its cluster what is needed to reach it, of a grant what decides, and nothing else', () => {
  const during = { days: ['mon' as const], fromMinute: 0, toMinute: 60, zone: 'UTC' }
  const limits = { replication: 2 }
  const given = bundleOf({ market: { prefixes: ['/m'], limits: { fileBytes: 9 } } }, [
    { datasets: ['market'], actions: read, startsAt: 1, expiresAt: 2, during, reason: 'secret', ticket: 'T-1' },
    { datasets: ['market'], actions: ['append'], mode: 'shadow', effect: 'deny' },
  ])
  const clusters = new Map([...given.clusters].map(([name, cluster]) => [name, { ...cluster, limits }]))
  expect(compile({ ...given, clusters, mode: 'shadow' }, 'quant-research')).toStrictEqual({
    format: 2,
    mode: 'shadow',
    bundle: 'sha256:test',
    identity: 'quant-research',
    team: 'quant',
    principal: 'quant@LAB',
    secret: 'hdfs/quant-research',
    home: '/team/quant',
    cluster: {
      name: 'lab',
      nameservice: 'lab',
      nameNodes: ['https://nn1.lab:9871'],
      dataNodeHosts: ['*.lab'],
      realm: 'LAB',
      kdcs: ['kdc.lab:88'],
      secret: 'hdfs/lab',
    },
    grants: [
      {
        name: 'grant-0',
        at: 'grants.yaml:1',
        mode: 'enforce',
        effect: 'allow',
        actions: read,
        startsAt: 1,
        expiresAt: 2,
        during,
      },
      { name: 'grant-1', at: 'grants.yaml:2', mode: 'shadow', effect: 'deny', actions: ['append'] },
    ],
    places: [
      { path: '/m', dataset: 'market', protect: true, limits: { fileBytes: 9, replication: 2 }, grants: [0, 1] },
    ],
  })
})

test('an identity whose cluster is gone has no slice', () => {
  expect(compile({ ...policy, clusters: new Map() }, 'quant-research')).toBeUndefined()
})

test('a grant on a dataset of another cluster brings no place, even where a dataset here has the same prefix', () => {
  const same = { far: { prefixes: ['/plans'], cluster: 'far' }, hidden: { prefixes: ['/plans'] } }
  const given = bundleOf(same, [{ datasets: ['far', 'gone'], actions: read }])
  expect(compile(given, 'quant-research')).toMatchObject({ grants: [], places: [] })
})

test('a sub-path is a place without a dataset and without limits, and names its grants in the order of the files', () => {
  const nested = { outer: { prefixes: ['/d'] }, inner: { prefixes: ['/d/a'], protect: false } }
  const given = bundleOf(nested, [
    { datasets: ['inner'], actions: read },
    { datasets: ['outer'], actions: read, effect: 'deny', paths: ['a', 'b'] },
    { datasets: ['inner'], actions: ['append'] },
  ])
  expect(compile(given, 'quant-research')?.places).toStrictEqual([
    { path: '/d', dataset: 'outer', protect: true, grants: [] },
    { path: '/d/a', dataset: 'inner', protect: false, grants: [0, 1, 2] },
    { path: '/d/b', protect: false, grants: [1] },
  ])
})

test('with nothing asked of pods, places hold every grant of the identity', () => {
  const given = bundleOf({ market: { prefixes: ['/m'] } }, [
    { datasets: ['market'], actions: read, pods: { namespaces: ['ml-climate'] } },
  ])
  const identity = given.identities.get('quant-research')
  expect(identity && placesOf(given, identity).grants).toHaveLength(1)
})

test('ancestors are whole directories, the outermost first; the root has none', () => {
  expect(ancestorsOf(hdfs('/data/market-2/x'))).toEqual(['/', '/data', '/data/market-2'])
  expect([ancestorsOf(hdfs('/data')), ancestorsOf(hdfs('/'))]).toEqual([['/'], []])
})
