/** Operations as people write them, judged as the gateway would. */
import { expect, test } from 'vitest'
import { PRESETS } from '../../../../src/core/policy/action.ts'
import { judge } from '../../../../src/core/policy/decision/judge.ts'
import { bundleOf, NOW, policyFor } from '../bundle-of.ts'

const bundle = bundleOf(
  {
    market: { prefixes: ['/data/market'] },
    home: { prefixes: ['/team/quant'] },
    weather: { prefixes: ['/data/weather', '/team/quant/shared'], owner: 'climate' },
  },
  [
    { datasets: ['market'], actions: PRESETS.read },
    { datasets: ['home'], actions: PRESETS.manage },
    { datasets: ['home'], actions: ['append'], effect: 'deny', reason: 'logs are made elsewhere' },
    { datasets: ['weather'], actions: PRESETS.read, teams: ['climate'] },
    { datasets: ['market'], actions: ['create'], expiresAt: NOW },
  ],
)
const policy = policyFor(bundle)
const on = (
  operation: string,
  path: string,
  more: { destination?: string; parameters?: Record<string, string> } = {},
) => {
  const { destination, parameters = {} } = more
  const question = { operation, path, parameters: new Map(Object.entries(parameters)) }
  return judge(policy, destination === undefined ? question : { ...question, destination }, NOW)
}

test('an operation is judged by all that it demands', () => {
  const { effect, reason, decisions } = on('RENAME', '/team/quant/a', { destination: '/data/market/a' })
  expect([effect, reason]).toEqual(['deny', 'grant-expired'])
  expect(decisions.map(({ effect }) => effect)).toEqual(['allow', 'allow', 'deny'])
})

test('parameters change what is demanded', () => {
  expect(on('DELETE', '/team/quant/x').decisions[0]?.demand.scope).toBe('this')
  expect(on('DELETE', '/team/quant/x', { parameters: { recursive: 'true' } }).decisions[0]?.demand.scope).toBe(
    'subtree',
  )
})

test('limits of the dataset are part of it: what a parameter asks for, not what nobody knows before the bytes', () => {
  const [home, ...others] = [...bundle.datasets.values()].filter(({ name }) => name === 'home')
  if (home === undefined || others.length > 0) throw new Error('one home')
  const limited = { ...home, limits: { replication: 3, fileBytes: 1 } }
  const within = policyFor({ ...bundle, datasets: new Map([...bundle.datasets, ['home', limited]]) })
  const create = (replication: string) =>
    judge(
      within,
      { operation: 'CREATE', path: '/team/quant/a', parameters: new Map([['replication', replication]]) },
      NOW,
    )
  expect(create('3')).toMatchObject({ effect: 'allow', reason: 'granted' })
  expect(create('4')).toMatchObject({ effect: 'deny', reason: 'too-many-replicas', limit: { wanted: 4, most: 3 } })
})

test.each([
  ['/data/market/a b/%/é;x?y#z', 'allow', 'granted'],
  ['/data/market//x/', 'allow', 'granted'],
  ['/data/market/../weather/x', 'deny', 'dot-segment'],
  ['/data/market/%2e%2e/weather/x', 'deny', 'double-encoding'],
  ['/.reserved/raw/data/market/x', 'deny', 'reserved-path'],
  ['/data/market/.snapshot/s0/x', 'deny', 'no-grant'],
  ['data/market/x', 'deny', 'bad-target'],
  ['/data/market/\u0000', 'deny', 'control-character'],
  ['/data/market/\ud800', 'deny', 'bad-encoding'],
])('OPEN of %j: %s, %s', (path, effect, reason) => {
  expect(on('OPEN', path)).toMatchObject({ effect, reason })
})

test('a destination is read as strictly as a path', () => {
  const to = (destination: string) => on('RENAME', '/team/quant/a', { destination }).reason
  expect(to('/team/quant/b')).toBe('granted')
  expect(to('/team/quant/../climate/b')).toBe('dot-segment')
  expect(to('team/quant/b')).toBe('relative-path')
})

test('what the gateway does not offer, does not know or answers itself is so here', () => {
  expect(on('GETTRASHROOTS', '/team/quant/a')).toMatchObject({ effect: 'deny', reason: 'unsupported-operation' })
  expect(on('constructor', '/team/quant/a')).toMatchObject({ effect: 'deny', reason: 'unknown-operation' })
  expect(on('GETHOMEDIRECTORY', '/')).toMatchObject({ effect: 'allow', reason: 'local-answer' })
  expect(on('GETSERVERDEFAULTS', '/secret')).toMatchObject({ effect: 'allow', reason: 'cluster-fact' })
})

test('what never reached policy rests on no grant and on no decision', () => {
  const nothing = { grants: [], decisions: [] }
  expect(on('OPEN', '/data/market/\ud800')).toEqual({ effect: 'deny', reason: 'bad-encoding', ...nothing })
  expect(on('OPEN', '/data/../x')).toEqual({ effect: 'deny', reason: 'dot-segment', ...nothing })
  expect(on('GETHOMEDIRECTORY', '/')).toEqual({ effect: 'allow', reason: 'local-answer', ...nothing })
})

test('a destination that is not given is none, and not one of that name', () => {
  expect(on('RENAME', '/team/quant/a').reason).toBe('bad-parameter')
})

test('what shadow says is told where it differs, and nothing where it does not', () => {
  const inShadow = { ...bundle, grants: bundle.grants.map((grant) => ({ ...grant, mode: 'shadow' as const })) }
  const asked = { operation: 'OPEN', path: '/data/market/x', parameters: new Map() }
  expect(judge(policyFor(inShadow), asked, NOW)).toMatchObject({
    effect: 'deny',
    shadow: { effect: 'allow', reason: 'granted' },
  })
  expect(judge(policy, asked, NOW)).not.toHaveProperty('shadow')
})

test('a file that may hold no bytes may be created, since nobody knows how many will come', () => {
  const datasets = [...bundle.datasets].map(([name, it]) => [name, { ...it, limits: { fileBytes: 0 } }] as const)
  const none = policyFor({ ...bundle, datasets: new Map(datasets) })
  const create = { operation: 'CREATE', path: '/team/quant/a', parameters: new Map() }
  expect(judge(none, create, NOW).effect).toBe('allow')
})
