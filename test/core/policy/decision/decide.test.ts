/** The law of the decision, sentence by sentence, from the side of someone who wants more than was granted. */
import { describe, expect, test } from 'vitest'
import { ACTIONS, PRESETS } from '../../../../src/core/policy/action.ts'
import { ask, bundleOf, NOW, policyFor } from '../bundle-of.ts'

const { read, write } = PRESETS
const market = { prefixes: ['/data/market'] }

describe('prefixes', () => {
  const policy = policyFor(bundleOf({ market }, [{ datasets: ['market'], actions: read }]))

  test.each([
    ['/data/market', 'allow', 'granted'],
    ['/data/market/2026/stocks.csv', 'allow', 'granted'],
    ['/data/market-restricted', 'deny', 'no-dataset'],
    ['/data/marke', 'deny', 'no-dataset'],
    ['/data/marketplace/x', 'deny', 'no-dataset'],
    ['/data/Market/x', 'deny', 'no-dataset'],
    ['/elsewhere/data/market/x', 'deny', 'no-dataset'],
    ['/data', 'deny', 'no-dataset'],
    ['/', 'deny', 'no-dataset'],
  ])('read of %s: %s, %s', (path, effect, reason) => {
    expect(ask(policy, `read ${path}`)).toMatchObject({ effect, reason })
  })

  test('a decision names the dataset, and the grant with its line', () => {
    expect(ask(policy, 'read /data/market/x')).toEqual({
      effect: 'allow',
      reason: 'granted',
      dataset: 'market',
      grants: [{ name: 'grant-0', at: 'grants.yaml:1' }],
      demand: { action: 'read', path: '/data/market/x', scope: 'this' },
    })
  })

  test('a deny holds whatever characters are in its path, and in the paths of others', () => {
    const odd = bundleOf(
      {
        all: { prefixes: ['/d'] },
        smile: { prefixes: ['/d/\u{1f600}\u{1f600}'] },
        wall: { prefixes: ['/d/wall/research'] },
        zebra: { prefixes: ['/d/\u{1f600}\u{1f601}/caf\u00e9'] },
      },
      [
        { datasets: ['all'], actions: read },
        { datasets: ['smile', 'wall', 'zebra'], actions: read, effect: 'deny' },
      ],
    )
    const policy = policyFor(odd)
    for (const path of ['/d/\u{1f600}\u{1f600}/x', '/d/wall/research', '/d/\u{1f600}\u{1f601}/caf\u00e9/x']) {
      expect(ask(policy, `read ${path}`), path).toMatchObject({ effect: 'deny', reason: 'denied-by-grant' })
    }
    for (const path of ['/d/\u{1f600}', '/d/\u{1f600}\u{1f601}', '/d/\u{1f600}\u{1f601}/cafe\u0301', '/d/wall/x']) {
      expect(ask(policy, `read ${path}`), path).toMatchObject({ effect: 'allow', reason: 'granted' })
    }
  })

  test('names that are also names on a prototype are names like any other', () => {
    const odd = bundleOf({ constructor: { prefixes: ['/constructor/__proto__'] } }, [
      { datasets: ['constructor'], actions: read },
    ])
    expect(ask(policyFor(odd), 'read /constructor/__proto__/x').effect).toBe('allow')
    expect(ask(policyFor(odd), 'read /constructor/toString').effect).toBe('deny')
    expect(ask(policy, 'read /__proto__').effect).toBe('deny')
    expect(ask(policy, 'read /data/constructor').effect).toBe('deny')
  })

  test('an action that this version does not know is refused where all that it knows is granted', () => {
    const all = policyFor(bundleOf({ market }, [{ datasets: ['market'], actions: ACTIONS }]))
    for (const action of ['chown', '', 'constructor', 'Read', 'all']) {
      for (const path of ['/data/market', '/data/market/x', '/data', '/', '/data/market/**', '/**']) {
        expect(ask(all, `${action} ${path}`).effect, `${action} ${path}`).toBe('deny')
      }
    }
  })

  test('a dataset of another cluster with the same prefix gives nothing', () => {
    const far = bundleOf({ far: { prefixes: ['/data/market'], cluster: 'far' } }, [
      { datasets: ['far'], actions: read },
    ])
    expect(ask(policyFor(far), 'read /data/market/x')).toMatchObject({ effect: 'deny', reason: 'no-dataset' })
  })
})

describe('teams', () => {
  const bundle = bundleOf({ market }, [
    { datasets: ['market'], actions: read, teams: ['quant'] },
    { datasets: ['market'], actions: ['append'], teams: [], identities: ['climate-models'] },
  ])

  test('a grant to one team gives nothing to another', () => {
    expect(ask(policyFor(bundle, 'climate-models'), 'read /data/market/x')).toMatchObject({ reason: 'no-grant' })
  })
  test('a grant to one identity gives nothing to another', () => {
    expect(ask(policyFor(bundle, 'climate-models'), 'append /data/market/x').effect).toBe('allow')
    expect(ask(policyFor(bundle), 'append /data/market/x').effect).toBe('deny')
  })
})

describe('denies', () => {
  const policy = policyFor(
    bundleOf({ market, raw: { prefixes: ['/data/market/raw'] }, inner: { prefixes: ['/data/market/raw/inner'] } }, [
      { datasets: ['market', 'raw', 'inner'], actions: write },
      { datasets: ['raw'], actions: ['read'], effect: 'deny' },
    ]),
  )

  test('a deny wins over an allow, and names itself', () => {
    expect(ask(policy, 'read /data/market/raw/x')).toMatchObject({
      effect: 'deny',
      reason: 'denied-by-grant',
      grants: [{ name: 'grant-1' }],
    })
  })
  test('a deny reaches into a dataset nested in it, which an allow of its own does not lift', () => {
    expect(ask(policy, 'read /data/market/raw/inner/x')).toMatchObject({ reason: 'denied-by-grant', dataset: 'inner' })
  })
  test('a deny of one action leaves the others', () => {
    expect(ask(policy, 'stat /data/market/raw/x').effect).toBe('allow')
  })
  test('a deny below a subtree denies the subtree, not its top', () => {
    expect(ask(policy, 'read /data/market').effect).toBe('allow')
    expect(ask(policy, 'read /data/market/**')).toMatchObject({ reason: 'denied-by-grant', dataset: 'raw' })
    expect(ask(policy, 'list /data/market/**').effect).toBe('allow')
  })
})

describe('nested datasets', () => {
  const bundle = bundleOf({ all: { prefixes: ['/data'], protect: false }, wall: { prefixes: ['/data/hr/pay'] } }, [
    { datasets: ['all'], actions: ACTIONS },
  ])
  const policy = policyFor(bundle)

  test('an allow ends where a nested dataset begins', () => {
    expect(ask(policy, 'read /data/hr/x').effect).toBe('allow')
    expect(ask(policy, 'read /data/hr/payroll').effect).toBe('allow')
    expect(ask(policy, 'read /data/hr/pay')).toMatchObject({ reason: 'no-dataset', dataset: 'wall' })
    expect(ask(policy, 'read /data/hr/pay/x').effect).toBe('deny')
  })
  test.each(['read', 'list', 'create', 'snap-admin'])('a subtree around it is refused for %s', (action) => {
    for (const path of ['/data/**', '/data/hr/**']) {
      expect(ask(policy, `${action} ${path}`)).toMatchObject({ reason: 'nested-dataset', dataset: 'wall' })
    }
    expect(ask(policy, `${action} /data/market/**`).effect).toBe('allow')
    expect(ask(policy, `${action} /data/hr/payroll/**`).effect).toBe('allow')
  })
  test('for none of all actions a subtree reaches over what is not granted, though its top and all beside it are', () => {
    const open = { all: { prefixes: ['/data'], protect: false }, wall: { prefixes: ['/data/hr/pay'], protect: false } }
    const around = policyFor(bundleOf(open, [{ datasets: ['all'], actions: ACTIONS }]))
    for (const action of ACTIONS) {
      expect(ask(around, `${action} /data/hr`).reason, action).toBe('granted')
      expect(ask(around, `${action} /data/hr/**`).reason, action).toBe('nested-dataset')
      expect(ask(around, `${action} /data/hr/payroll/**`).reason, action).toBe('granted')
    }
  })
  test('a directory between the two belongs to the outer one, and says so', () => {
    expect(ask(policy, 'read /data/hr')).toMatchObject({ effect: 'allow', dataset: 'all' })
  })
  test('a subtree above everything granted is refused, though its top may be listed', () => {
    expect(ask(policy, 'list /')).toMatchObject({ effect: 'allow', reason: 'ancestor' })
    expect(ask(policy, 'list /**')).toMatchObject({ effect: 'deny', reason: 'no-dataset' })
  })
})

describe('ancestors', () => {
  const policy = policyFor(
    bundleOf({ market, weather: { prefixes: ['/data/weather'] } }, [{ datasets: ['market'], actions: ['create'] }]),
  )

  test('the way to a granted prefix may be stat-ed and listed, and nothing else', () => {
    for (const action of ACTIONS) {
      const effect = action === 'stat' || action === 'list' ? 'allow' : 'deny'
      expect(ask(policy, `${action} /`).effect, action).toBe(effect)
      expect(ask(policy, `${action} /data`).effect, action).toBe(effect)
    }
  })
  test('the prefix itself, what is beside the way and what is below are not ancestors', () => {
    for (const path of ['/data/market', '/data/market/x', '/data/weather', '/dat', '/team']) {
      expect(ask(policy, `stat ${path}`).effect, path).toBe('deny')
    }
  })
  test('a directory on the way to a dataset that is not granted leads nowhere', () => {
    const nested = { top: { prefixes: ['/data'] }, wall: { prefixes: ['/data/hr/pay'] } }
    const inside = policyFor(bundleOf(nested, [{ datasets: ['top'], actions: ['create'] }]))
    expect(ask(inside, 'stat /data').reason).toBe('no-grant')
    expect(ask(inside, 'stat /data/hr').reason).toBe('no-grant')
    expect(ask(inside, 'stat /').reason).toBe('ancestor')
  })
  test('a deny hides an ancestor too', () => {
    const hidden = bundleOf({ market, top: { prefixes: ['/data'] } }, [
      { datasets: ['market'], actions: read },
      { datasets: ['top'], actions: ['list'], effect: 'deny' },
    ])
    expect(ask(policyFor(hidden), 'list /data').reason).toBe('denied-by-grant')
    expect(ask(policyFor(hidden), 'list /data/market').reason).toBe('denied-by-grant')
    expect(ask(policyFor(hidden), 'stat /data').reason).toBe('ancestor')
  })
  test('an expired grant leads nowhere, and a deny alone leads nowhere', () => {
    const gone = bundleOf({ market, weather: { prefixes: ['/world/weather'] } }, [
      { datasets: ['market'], actions: read, expiresAt: NOW },
      { datasets: ['weather'], actions: read, effect: 'deny' },
    ])
    expect(ask(policyFor(gone), 'list /data').effect).toBe('deny')
    expect(ask(policyFor(gone), 'list /data', NOW - 1).effect).toBe('allow')
    expect(ask(policyFor(gone), 'list /world').effect).toBe('deny')
  })
})

describe('expiry', () => {
  const policy = policyFor(
    bundleOf({ market, raw: { prefixes: ['/data/market/raw'] } }, [
      { datasets: ['market'], actions: read },
      { datasets: ['raw'], actions: read, expiresAt: NOW },
      { datasets: ['market'], actions: ['stat'], effect: 'deny', expiresAt: NOW },
    ]),
  )

  test('a grant applies until the millisecond before its expiry', () => {
    expect(ask(policy, 'read /data/market/raw/x', NOW - 1).effect).toBe('allow')
    expect(ask(policy, 'read /data/market/raw/x', NOW)).toMatchObject({
      effect: 'deny',
      reason: 'grant-expired',
      grants: [{ name: 'grant-1' }],
    })
  })
  test('a subtree ends with the first grant below it that ends', () => {
    expect(ask(policy, 'read /data/market/**', NOW - 1).effect).toBe('allow')
    expect(ask(policy, 'read /data/market/**', NOW)).toMatchObject({ reason: 'nested-dataset', dataset: 'raw' })
  })
  test('a deny ends as an allow does', () => {
    expect(ask(policy, 'stat /data/market', NOW - 1).effect).toBe('deny')
    expect(ask(policy, 'stat /data/market', NOW).effect).toBe('allow')
  })
})

describe('protected roots', () => {
  const datasets = { market, scratch: { prefixes: ['/team/scratch'], protect: false } }
  const policy = policyFor(bundleOf(datasets, [{ datasets: ['market', 'scratch'], actions: ACTIONS }]))

  test.each(['delete', 'setattr', 'acl', 'admin'])(
    '%s at a protected root is refused, below it and elsewhere not',
    (it) => {
      expect(ask(policy, `${it} /data/market`)).toMatchObject({ effect: 'deny', reason: 'protected-root' })
      expect(ask(policy, `${it} /data/market/**`)).toMatchObject({ effect: 'deny', reason: 'protected-root' })
      expect(ask(policy, `${it} /data/market/x/**`).effect).toBe('allow')
      expect(ask(policy, `${it} /team/scratch/**`).effect).toBe('allow')
    },
  )
  test('a subtree around a protected root is refused even where everything in it is granted', () => {
    const nested = bundleOf({ top: { prefixes: ['/'], protect: false }, market }, [
      { datasets: ['top', 'market'], actions: ACTIONS },
    ])
    expect(ask(policyFor(nested), 'delete /data/**').reason).toBe('protected-root')
    expect(ask(policyFor(nested), 'delete /**').reason).toBe('protected-root')
    expect(ask(policyFor(nested), 'delete /data').effect).toBe('allow')
    expect(ask(policyFor(nested), 'read /data/**').effect).toBe('allow')
  })
})

describe('operations of several demands', () => {
  const policy = policyFor(
    bundleOf({ market, home: { prefixes: ['/team/quant'] } }, [
      { datasets: ['home'], actions: write },
      { datasets: ['market'], actions: read },
    ]),
  )

  test('the first demand that is refused decides', () => {
    const decision = ask(policy, 'delete /team/quant/a/**, create /data/market/a, create /data/weather/a')
    expect(decision).toMatchObject({ reason: 'no-grant', demand: { action: 'create', path: '/data/market/a' } })
  })
  test('an allowed operation rests on all the grants, each named once', () => {
    const decision = ask(policy, 'read /data/market/a, create /team/quant/a, mkdir /team/quant')
    expect(decision.grants.map(({ name }) => name)).toEqual(['grant-1', 'grant-0'])
  })
})
