/** Recorded operations under another policy: what flips, what does not, and what cannot be told and is not guessed. */
import { describe, expect, test } from 'vitest'
import type { Asked } from '../../../../src/core/audit/asked.ts'
import { OPERATIONS } from '../../../../src/core/hdfs/operations.ts'
import { PRESETS } from '../../../../src/core/policy/action.ts'
import type { Bundle } from '../../../../src/core/policy/bundle.ts'
import { toSelector } from '../../../../src/core/policy/decision/selector.ts'
import { questionsOf } from '../../../../src/core/policy/replay/question.ts'
import { replaying } from '../../../../src/core/policy/replay/replay.ts'
import { bundleOf, NOW } from '../bundle-of.ts'
import { asked } from './asked.ts'

const bundle = bundleOf(
  {
    market: { prefixes: ['/data/market'] },
    home: { prefixes: ['/team/quant'] },
    secret: { prefixes: ['/team/quant/runs/secret'] },
    weather: { prefixes: ['/data/weather'], owner: 'climate' },
  },
  [
    { datasets: ['market'], actions: [...PRESETS.read, 'snap-read'] },
    { datasets: ['home'], actions: PRESETS.write },
    { datasets: ['weather'], actions: PRESETS.read, teams: ['climate'] },
  ],
)

const flipsOf = (policy: Bundle, records: readonly Asked[], at?: number) => {
  const replay = replaying(policy, at)
  for (const record of records) replay.take(record, () => 'pod-a-0.ndjson:8')
  return replay.result().groups.map(({ change, count }) => `${change} ${count}`)
}
const flip = (record: Asked, policy: Bundle = bundle, at?: number) => flipsOf(policy, [record], at)[0] ?? 'same'

describe('an operation is put to the policy as the gateway would', () => {
  test.each([
    ['OPEN', '/data/market/x', {}, 'same'],
    ['OPEN', '/data/weather/x', {}, 'allow-to-deny 1'],
    ['OPEN', '/data/market/x', { effect: 'deny' }, 'deny-to-allow 1'],
    ['OPEN', '/data/market-restricted/x', { effect: 'deny' }, 'same'],
    ['OPEN', '/data/market/a b%/é;x?y#z', {}, 'same'],
    ['LISTSTATUS', '/', {}, 'same'],
    ['GETHOMEDIRECTORY', '/', { reason: 'local-answer' }, 'same'],
    ['DELETE', '/team/quant/runs', { parameters: {} }, 'same'],
    ['DELETE', '/team/quant/runs', { parameters: { recursive: 'false' } }, 'same'],
    ['DELETE', '/team/quant/runs', { parameters: { recursive: 'true' } }, 'allow-to-deny 1'],
    ['RENAME', '/team/quant/a', { destination: '/team/quant/b', parameters: {} }, 'same'],
    ['RENAME', '/team/quant/a', { destination: '/data/market/b', parameters: {} }, 'allow-to-deny 1'],
    ['RENAME', '/team/quant/a', { parameters: {} }, 'allow-to-deny 1'],
    ['CHECKACCESS', '/data/market', { parameters: { fsaction: 'r-x' } }, 'same'],
    ['CHECKACCESS', '/data/market', { parameters: { fsaction: 'rw-' } }, 'allow-to-deny 1'],
  ] as const)('%s %s %j: %s', (operation, path, given, expected) => {
    expect(flip(asked(operation, path, given))).toBe(expected)
  })

  test('through a snapshot as through a snapshot, which needs a right of its own', () => {
    const record = asked('OPEN', '/data/market/.snapshot/s0/x')
    expect(flip(record)).toBe('same')
    expect(
      flip(
        record,
        bundleOf({ market: { prefixes: ['/data/market'] } }, [{ datasets: ['market'], actions: PRESETS.read }]),
      ),
    ).toBe('allow-to-deny 1')
  })

  test('and a file whose parents may not be made is still made', () => {
    const policy = bundleOf({ drop: { prefixes: ['/drop'] } }, [{ datasets: ['drop'], actions: ['create'] }])
    expect(flip(asked('CREATE', '/drop/a', { parameters: {} }), policy)).toBe('same')
    expect(flip(asked('CREATE', '/drop/a', { parameters: { overwrite: 'true' } }), policy)).toBe('allow-to-deny 1')
    expect(flip(asked('CREATE', '/drop/a', { parameters: { createflag: 'CREATE,OVERWRITE' } }), policy)).toBe(
      'allow-to-deny 1',
    )
  })

  test('and a limit of the policy is kept', () => {
    const limits = { replication: 2, blockBytes: 1024 }
    const policy = bundleOf({ home: { prefixes: ['/h'], limits } }, [{ datasets: ['home'], actions: ['create'] }])
    expect(flip(asked('CREATE', '/h/a', { parameters: { replication: '2' } }), policy)).toBe('same')
    expect(flip(asked('CREATE', '/h/a', { parameters: { replication: '3' } }), policy)).toBe('allow-to-deny 1')
    expect(flip(asked('CREATE', '/h/a', { parameters: { blocksize: '1025' } }), policy)).toBe('allow-to-deny 1')
  })
})

describe('what was refused before policy', () => {
  test.each(['dot-segment', 'unsupported-operation', 'foreign-peer', 'bad-host'] as const)(
    '(%s) is refused again',
    (reason) => {
      expect(flip(asked('OPEN', '/data/market/x', { effect: 'deny', reason }))).toBe('same')
    },
  )

  test('is not what an allowed record says of itself', () => {
    expect(flip(asked('OPEN', '/data/market/x', { effect: 'allow', reason: 'dot-segment' }))).toBe('same')
  })
})

describe('an identity that the policy does not have', () => {
  test.each(['gone', 'constructor', '__proto__'])('(%s) may do nothing, not even ask for its home', (identity) => {
    const replay = replaying(bundle)
    replay.take(asked('OPEN', '/data/market/x', { identity }), () => '')
    replay.take(asked('GETHOMEDIRECTORY', '/', { identity }), () => '')
    replay.take(asked('OPEN', '/data/market/y', { identity, effect: 'deny' }), () => '')
    const { groups, unknownIdentities } = replay.result()
    expect(groups.map(({ change, count, example }) => [change, count, example.now.reason])).toEqual([
      ['allow-to-deny', 1, 'unknown-identity'],
      ['allow-to-deny', 1, 'unknown-identity'],
    ])
    expect(unknownIdentities).toEqual([identity])
  })
})

describe('time', () => {
  const expiring = bundleOf({ market: { prefixes: ['/m'] } }, [
    { datasets: ['market'], actions: PRESETS.read, expiresAt: NOW },
  ])
  test('is that of the record, to the millisecond', () => {
    expect(flip(asked('OPEN', '/m/x', { at: NOW - 1 }), expiring)).toBe('same')
    expect(flip(asked('OPEN', '/m/x', { at: NOW }), expiring)).toBe('allow-to-deny 1')
  })
  test('of answers that are kept is looked at again', () => {
    const times = [NOW - 1, NOW, NOW - 1, NOW, NOW + 1]
    expect(
      flipsOf(
        expiring,
        times.map((at) => asked('OPEN', '/m/x', { at })),
      ),
    ).toEqual(['allow-to-deny 3'])
  })
  test('is another one where it is asked for', () => {
    expect(flip(asked('OPEN', '/m/x', { at: NOW }), expiring, NOW - 1)).toBe('same')
  })
})

describe('the pod', () => {
  const market = { market: { prefixes: ['/m'] } }
  const selector = toSelector({ matchLabels: { stage: 'prod' } })
  test('is known by its namespace', () => {
    const policy = bundleOf(market, [{ datasets: ['market'], actions: ['read'], pods: { namespaces: ['ml-quant'] } }])
    expect(flip(asked('OPEN', '/m/x'), policy)).toBe('same')
    expect(flip(asked('OPEN', '/m/x', { namespace: 'ml-quantum' }), policy)).toBe('allow-to-deny 1')
    expect(flip(asked('OPEN', '/m/x', { namespace: '' }), policy)).toBe('allow-to-deny 1')
  })
  test('is not known by its labels: where they decide, it cannot be told', () => {
    const policy = bundleOf(market, [{ datasets: ['market'], actions: ['read'], pods: { selector } }])
    expect(flip(asked('OPEN', '/m/x'), policy)).toBe('depends-on-pod-labels 1')
    expect(flip(asked('OPEN', '/m/x', { effect: 'deny' }), policy)).toBe('depends-on-pod-labels 1')
    expect(flip(asked('OPEN', '/n/x'), policy)).toBe('allow-to-deny 1')
    const walled = bundleOf(market, [
      { datasets: ['market'], actions: ['read'] },
      { datasets: ['market'], actions: ['read'], effect: 'deny', pods: { selector } },
    ])
    expect(flip(asked('OPEN', '/m/x'), walled)).toBe('depends-on-pod-labels 1')
  })
  test('is told of where labels ask for what is given anyway, or cannot help', () => {
    const both = bundleOf(market, [
      { datasets: ['market'], actions: ['read'], pods: { selector } },
      { datasets: ['market'], actions: ['read'] },
    ])
    expect(flip(asked('OPEN', '/m/x'), both)).toBe('same')
    const elsewhere = bundleOf(market, [
      { datasets: ['market'], actions: ['read'], pods: { selector, namespaces: ['other'] } },
    ])
    expect(flip(asked('OPEN', '/m/x'), elsewhere)).toBe('allow-to-deny 1')
  })
})

describe('a record from before parameters were recorded', () => {
  test('is told of where all of them lead to one answer', () => {
    expect(flip(asked('DELETE', '/team/quant/a'))).toBe('same')
    expect(flip(asked('DELETE', '/data/market/a'))).toBe('allow-to-deny 1')
    expect(flip(asked('CREATE', '/team/quant/a'))).toBe('same')
  })
  test('is counted apart where they decide', () => {
    expect(flip(asked('DELETE', '/team/quant/runs'))).toBe('depends-on-parameters 1')
    expect(flip(asked('CHECKACCESS', '/data/market', { effect: 'deny' }))).toBe('depends-on-parameters 1')
  })
  test('is asked of with every parameter that decides, and with none', () => {
    for (const { name, decisive } of OPERATIONS.filter(({ answeredBy }) => answeredBy !== 'nobody')) {
      const { least, most } = questionsOf(asked(name, '/x'))
      const harmless = decisive.filter((one) => one === 'createparent')
      expect([...most.parameters.keys(), ...harmless].sort(), name).toEqual([...decisive].sort())
      expect([...least.parameters.keys()], name).toEqual(
        decisive.filter((one) => one === 'fsaction' || one === 'aclspec'),
      )
    }
  })
})

test('a refusal for the size of a file cannot be told, unless the policy refuses it for another reason', () => {
  const tooLarge = { effect: 'deny', reason: 'file-too-large', parameters: {} } as const
  expect(flip(asked('CREATE', '/team/quant/a', tooLarge))).toBe('depends-on-file-size 1')
  expect(flip(asked('CREATE', '/data/market/a', tooLarge))).toBe('same')
})

test('flips are counted by team, dataset and operation, with the first, the last and an example', () => {
  const replay = replaying(bundle)
  const take = (record: Asked) => replay.take(record, () => 'pod-a-0.ndjson:8')
  take(asked('OPEN', '/data/weather/b', { at: NOW + 5, dataset: 'weather', bundle: bundle.hash }))
  take(asked('OPEN', '/data/weather/a', { at: NOW - 5, dataset: 'weather' }))
  take(asked('OPEN', '/gone/a', { dataset: 'gone' }))
  take(asked('OPEN', '/data/market/a', { effect: 'deny' }))
  replay.pass(NOW + 9)
  const { groups, ...rest } = replay.result()
  expect(rest).toEqual({
    bundle: 'sha256:test',
    records: 5,
    operations: 4,
    from: NOW - 5,
    until: NOW + 9,
    unknownIdentities: [],
  })
  expect(
    groups.map(({ change, team, dataset, operation, count }) => [change, team, dataset, operation, count]),
  ).toEqual([
    ['allow-to-deny', 'quant', 'weather', 'OPEN', 2],
    ['allow-to-deny', 'quant', 'gone', 'OPEN', 1],
    ['deny-to-allow', 'quant', 'market', 'OPEN', 1],
  ])
  expect(groups[0]).toMatchObject({
    first: NOW - 5,
    last: NOW + 5,
    ofThisBundle: 1,
    example: {
      path: '/data/weather/b',
      at: 'pod-a-0.ndjson:8',
      sequence: 7,
      now: { reason: 'no-dataset', grants: [] },
    },
  })
  expect(groups[2]?.example.now).toEqual({ reason: 'granted', grants: ['grant-0@grants.yaml:1'] })
})
