/** What nothing used: the edit takes it away, and no decision about any record is another one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Asked } from '../../../../src/core/audit/asked.ts'
import { OPERATIONS } from '../../../../src/core/hdfs/operations.ts'
import { type Action, PRESETS } from '../../../../src/core/policy/action.ts'
import type { Bundle } from '../../../../src/core/policy/bundle.ts'
import { judge } from '../../../../src/core/policy/decision/judge.ts'
import { toSelector } from '../../../../src/core/policy/decision/selector.ts'
import { isSomethingUnused, type Unused, unusedOf } from '../../../../src/core/policy/unused/unused.ts'
import { collectingUses } from '../../../../src/core/policy/unused/uses.ts'
import { bundleOf, NOW, policyFor } from '../bundle-of.ts'
import * as near from '../decision/near-misses.ts'
import { asked } from '../replay/asked.ts'

const DAY = 86_400_000

function unusedIn(bundle: Bundle, records: readonly Asked[], since = NOW - DAY): Unused {
  const collecting = collectingUses(bundle)
  for (const record of records) collecting.take(record)
  return unusedOf(bundle, collecting.result(), since)
}

/** The bundle as the patch would leave it. */
function cut(bundle: Bundle, { grants, actions }: Unused): Bundle {
  const gone = new Set(grants.map(({ name }) => name))
  const stay = new Map(actions.map((one) => [one.name, one.stay]))
  const left = bundle.grants.filter(({ name }) => !gone.has(name))
  return { ...bundle, grants: left.map((grant) => ({ ...grant, actions: stay.get(grant.name) ?? grant.actions })) }
}

const market = { market: { prefixes: ['/data/market'] }, home: { prefixes: ['/team/quant'] } }
const reads = { datasets: ['market'], actions: PRESETS.read }
const writes = { datasets: ['home'], actions: PRESETS.write }
const namesOf = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name)

describe('the edit', () => {
  const pod = fc.constantFrom(undefined, { stage: 'prod' }, { stage: 'test' }, { tier: 'gpu' })
  const selector = fc.constantFrom(
    undefined,
    undefined,
    toSelector({ matchLabels: { stage: 'prod' } }),
    toSelector({ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }),
  )
  const path = fc.constantFrom(...near.WORLD)
  const record = fc
    .record({
      operation: fc.constantFrom(
        ...OPERATIONS.filter(({ answeredBy }) => answeredBy !== 'nobody').map(({ name }) => name),
      ),
      path,
      destination: path,
      at: near.now,
      identity: fc.constantFrom('quant-research', 'climate-models'),
      namespace: fc.constantFrom('ml-quant', 'ml-climate', 'elsewhere'),
      recursive: fc.constantFrom('true', 'false'),
      fsaction: fc.constantFrom('r--', '-w-', '--x', 'rwx'),
      options: fc.constantFrom('NONE', 'OVERWRITE'),
      isOld: fc.boolean(),
    })
    .map(({ operation, path: from, isOld, recursive, fsaction, options, destination, ...rest }) => {
      const flags: Record<string, object> = {
        DELETE: { recursive },
        CHECKACCESS: { fsaction },
        RENAME: { renameoptions: options },
        CREATE: { overwrite: recursive },
      }
      const parameters = flags[operation] ?? {}
      const more = operation === 'RENAME' ? { destination } : {}
      return { asked: asked(operation, from, { ...rest, ...more, ...(isOld ? {} : { parameters }) }), parameters }
    })

  test('changes no decision about any record, whatever labels its pod had and whatever old records leave out', () => {
    fc.assert(
      fc.property(
        near.bundle,
        fc.array(selector, { minLength: 10, maxLength: 10 }),
        fc.array(record, { minLength: 1, maxLength: 6 }),
        pod,
        (given, selectors, records, labels) => {
          const grants = given.grants.map((grant, index) => {
            const chosen = selectors[index]
            return chosen === undefined ? grant : { ...grant, pods: { ...grant.pods, selector: chosen } }
          })
          const before = { ...given, grants }
          const after = cut(
            before,
            unusedIn(
              before,
              records.map((one) => one.asked),
            ),
          )
          for (const { asked: one, parameters } of records) {
            const { who, what, at } = one
            const context = {
              namespace: who.namespace,
              ...(labels === undefined ? {} : { labels: new Map(Object.entries(labels)) }),
            }
            const question = {
              ...what,
              parameters: new Map(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
            }
            const [was, is] = [before, after].map((bundle) =>
              judge(policyFor(bundle, who.identity, context), question, at),
            )
            expect(is?.effect).toBe(was?.effect)
          }
        },
      ),
      { numRuns: 1500 },
    )
  })

  test('takes nothing away twice: what it leaves is used, or left alone for a reason', () => {
    fc.assert(
      fc.property(near.bundle, fc.array(record, { minLength: 1, maxLength: 6 }), (bundle, records) => {
        const all = records.map((one) => one.asked)
        const after = cut(bundle, unusedIn(bundle, all))
        const again = unusedIn(after, all)
        expect([namesOf(again.grants), again.actions]).toEqual([[], []])
      }),
      { numRuns: 500 },
    )
  })
})

describe('a grant', () => {
  test('is used by action: what is left of `write` when it is only read is `read`', () => {
    const found = unusedIn(bundleOf(market, [reads, writes]), [asked('OPEN', '/team/quant/x')])
    expect(namesOf(found.grants)).toEqual(['grant-0'])
    expect(found.actions).toMatchObject([{ name: 'grant-1', stay: ['stat', 'list', 'read'] }])
    expect(found.actions[0]?.unused.map(({ action }) => action)).toEqual([
      'create',
      'append',
      'overwrite',
      'mkdir',
      'delete',
    ])
  })

  test('that was used before the period only is told with its last use', () => {
    const records = [
      asked('OPEN', '/data/market/x', { at: NOW - 3 * DAY }),
      asked('OPEN', '/data/market/x', { at: NOW - 2 * DAY }),
    ]
    const found = unusedIn(bundleOf(market, [reads]), [...records, asked('OPEN', '/elsewhere')])
    expect(found.grants).toEqual([{ name: 'grant-0', at: 'grants.yaml:1', lastUsed: NOW - 2 * DAY }])
  })

  test('below which a subtree reaches is used by it, though the decision does not name it', () => {
    const nested = { outer: { prefixes: ['/a'] }, inner: { prefixes: ['/a/b'] } }
    const bundle = bundleOf(nested, [
      { datasets: ['outer'], actions: ['list'] },
      { datasets: ['inner'], actions: ['list'] },
    ])
    expect(unusedIn(bundle, [asked('GETCONTENTSUMMARY', '/a')]).grants).toEqual([])
  })

  test('is used by the rows that a listing shows, and by the parents that a file was given', () => {
    const bundle = bundleOf({ home: { prefixes: ['/h'] } }, [
      { datasets: ['home'], actions: ['stat', 'list', 'create', 'mkdir'] },
    ])
    const listed = unusedIn(bundle, [asked('LISTSTATUS', '/h/a')])
    expect(listed.actions[0]?.stay).toEqual(['stat', 'list'])
    expect(unusedIn(bundle, [asked('CREATE', '/h/a/b', { parameters: {} })]).actions[0]?.stay).toEqual([
      'create',
      'mkdir',
    ])
    const alone = asked('CREATE', '/h/a/b', { parameters: { createparent: 'false' } })
    expect(unusedIn(bundle, [alone]).actions[0]?.stay).toEqual(['create'])
  })

  test('is not used by what the policy refuses', () => {
    const bundle = bundleOf(market, [reads, { ...reads, effect: 'deny' }])
    expect(namesOf(unusedIn(bundle, [asked('OPEN', '/data/market/x')]).grants)).toEqual(['grant-0'])
    const moved = asked('RENAME', '/team/quant/a', { destination: '/data/market/a', parameters: {} })
    expect(namesOf(unusedIn(bundleOf(market, [writes]), [moved]).grants)).toEqual(['grant-0'])
  })

  test('that began within the period is left alone, and so is one that is needed on the way', () => {
    const young = unusedIn(bundleOf(market, [{ ...reads, startsAt: NOW - 1 }]), [asked('OPEN', '/elsewhere')])
    expect(young).toMatchObject({ grants: [], kept: [{ name: 'grant-0', because: 'young' }] })
    const way = unusedIn(bundleOf(market, [reads]), [asked('LISTSTATUS', '/data')])
    expect(way).toMatchObject({ grants: [], actions: [], kept: [{ name: 'grant-0', because: 'way' }] })
    const both = [asked('LISTSTATUS', '/'), asked('OPEN', '/team/quant/x')]
    expect(namesOf(unusedIn(bundleOf(market, [reads, writes]), both).grants)).toEqual(['grant-0'])
  })

  test('is needed on the way by the pods that have no other, whichever labels those have', () => {
    const forStage = (stage: string) => ({ pods: { selector: toSelector({ matchLabels: { stage } }) } })
    const bundle = bundleOf(market, [
      { ...reads, ...forStage('test') },
      { ...writes, ...forStage('prod') },
    ])
    const found = unusedIn(bundle, [asked('LISTSTATUS', '/'), asked('OPEN', '/team/quant/x')])
    expect(found).toMatchObject({ grants: [], kept: [{ name: 'grant-0', because: 'way' }] })
  })

  test('is needed on the way down from a root where another one begins', () => {
    const bundle = bundleOf({ all: { prefixes: ['/'] }, ...market }, [
      { datasets: ['all'], actions: ['create'] },
      reads,
    ])
    const created = asked('CREATE', '/x', { parameters: { createparent: 'false' } })
    expect(unusedIn(bundle, [created, asked('GETFILESTATUS', '/')])).toMatchObject({
      grants: [],
      kept: [{ name: 'grant-1', because: 'way' }],
    })
  })

  test('in shadow is not used, and not taken away', () => {
    const found = unusedIn(bundleOf(market, [{ ...reads, mode: 'shadow' }]), [asked('OPEN', '/data/market/x')])
    expect(found).toMatchObject({ grants: [], actions: [], denies: [], inShadow: 1 })
  })
})

describe('a deny', () => {
  const wall = { datasets: ['home'], actions: ['read' as Action], effect: 'deny' as const }
  test('is never taken away, only told of when nothing ran into it', () => {
    const bundle = bundleOf(market, [reads, wall])
    const found = unusedIn(bundle, [asked('OPEN', '/data/market/x')])
    expect(namesOf(found.denies)).toEqual(['grant-1'])
    expect([...found.grants, ...found.kept].map(({ name }) => name)).not.toContain('grant-1')
    expect(isSomethingUnused({ ...found, identities: [], actions: [] })).toBe(false)
    expect(unusedIn(bundle, [asked('OPEN', '/team/quant/x', { effect: 'deny' })]).denies).toEqual([])
  })
})

describe('an identity', () => {
  test('is used by any record of it, also by one that is no operation', () => {
    const bundle = bundleOf(market, [reads])
    const collecting = collectingUses(bundle)
    const who = { team: 'climate', identity: 'climate-models', namespace: 'x' }
    collecting.take({ sidecar: 'pod-b', sequence: 0, at: NOW, who })
    expect(namesOf(unusedOf(bundle, collecting.result(), NOW - DAY).identities)).toEqual(['quant-research'])
    expect(unusedOf(bundle, collecting.result(), NOW + 1).identities).toContainEqual({
      name: 'climate-models',
      at: 'identities.yaml:1',
      lastUsed: NOW,
    })
  })
})

describe('the answer is incomplete', () => {
  const bundle = bundleOf(market, [reads])
  const coverageOf = (...records: readonly Partial<Asked>[]) =>
    unusedIn(
      bundle,
      records.map((given) => ({ ...asked('OPEN', '/data/market/x'), ...given })),
      NOW - DAY,
    ).coverage

  test('when the records begin within the period', () => {
    expect(coverageOf({ at: NOW, sequence: 0 })).toMatchObject({ isWhole: false, from: NOW })
    expect(coverageOf({ at: NOW - DAY, sequence: 0 }, { at: NOW, sequence: 1 })).toMatchObject({
      isWhole: true,
      until: NOW,
    })
  })
  test('when a log does: a sidecar that began in the period is whole, one that was cut is not', () => {
    const old = { at: NOW - 2 * DAY, sequence: 0, sidecar: 'old' }
    expect(coverageOf(old, { at: NOW, sequence: 0 })).toMatchObject({ isWhole: true, cutLogs: [] })
    expect(coverageOf(old, { at: NOW, sequence: 5 })).toMatchObject({ isWhole: false, cutLogs: ['pod-a'] })
  })
})
