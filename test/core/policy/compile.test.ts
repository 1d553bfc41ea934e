/** What goes into a slice, and what of other teams stays out of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PRESETS } from '../../../src/core/policy/action.ts'
import { compile } from '../../../src/core/policy/compile.ts'
import { bundleOf } from './bundle-of.ts'
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
