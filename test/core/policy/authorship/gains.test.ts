/** Whatever a team writes by itself: who gains by it gains what a delegation says, and nobody else loses what is not its. */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Action } from '../../../../src/core/policy/action.ts'
import { authorship } from '../../../../src/core/policy/authorship/authorship.ts'
import type { State } from '../../../../src/core/policy/authorship/change.ts'
import { ownersIn } from '../../../../src/core/policy/authorship/moved-paths.ts'
import { hdfs } from '../bundle-of.ts'
import { naiveDecide } from '../decision/naive.ts'
import { dataset, delegationFor, grant, identity, LAB, NOW, stateOf } from './states.ts'

vi.setConfig({ testTimeout: 120_000 })

const RUNS = 1600
const TEAMS = ['quant', 'risk', 'trading'] as const
const PATHS = ['/a', '/a/q', '/a/q/x', '/a/q/x/y', '/a/qq', '/b', '/b/q', '/'] as const
const WORLD = [...PATHS, '/a/q/z', '/a/q/x/z', '/a/q/x/y/z', '/a/z', '/b/z', '/a/qq/z', '/b/q/z', '/c']
const NAMES = ['one', 'two', 'three'] as const
const ACTIONS: readonly Action[] = ['read', 'append', 'acl', 'list']

const labels = fc.dictionary(fc.constantFrom('k', 'm'), fc.constantFrom('u', 'v'), { maxKeys: 2 })
const some = <T>(of: readonly T[], most = 2) =>
  fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: most })

const datasetText = (name: string) =>
  fc
    .record({ owner: fc.constantFrom('quant', 'quant', 'quant', 'risk'), prefixes: some(PATHS, 1), labels })
    .map((spec) => dataset(name, '/', spec))
const reach = fc.oneof(
  { weight: 3, arbitrary: some(NAMES).map((datasets) => ({ datasets })) },
  labels
    .filter((of) => Object.keys(of).length > 0)
    .map((matchLabels) => ({ datasets: undefined, datasetSelector: { matchLabels } })),
)
const whom = fc.oneof(
  { weight: 3, arbitrary: some(TEAMS).map((teams) => ({ teams })) },
  some(TEAMS).map((teams) => ({ teams: undefined, identities: teams.map((one) => `${one}-pods`) })),
)
const grantText = (name: string) =>
  fc
    .tuple(
      fc.record(
        {
          effect: fc.constantFrom('allow', 'allow', 'deny'),
          actions: some(ACTIONS, 3),
          paths: some(['q', 'x', 'x/y'], 1),
          mode: fc.constantFrom('enforce', 'shadow'),
        },
        { requiredKeys: ['effect', 'actions'] },
      ),
      reach,
      whom,
    )
    .map(([spec, ...more]) => grant(name, Object.assign({}, spec, ...more)))
/** Wide but for one or two limits. */
const delegationText = fc
  .tuple(
    fc.constantFrom(
      {},
      { datasets: ['one'] },
      { datasets: ['one', 'two'] },
      { teams: ['quant'] },
      { teams: ['quant', 'risk'] },
    ),
    fc.constantFrom(
      {},
      { actions: ['read', 'list'] },
      { prefixes: ['/a/q'] },
      { prefixes: ['/a'] },
      { labels: { k: ['u'] } },
    ),
    fc.constantFrom({}, {}, { kinds: ['Grant'], prefixes: undefined }, { kinds: ['Dataset'] }),
  )
  .map((limits) => {
    const wide = {
      kinds: ['Grant', 'Dataset'],
      datasets: NAMES,
      prefixes: ['/'],
      labels: { k: ['u', 'v'], m: ['u', 'v'] },
    }
    return delegationFor('quant', Object.assign({ ...wide, actions: ACTIONS }, ...limits))
  })

const identities = TEAMS.map((one) => identity(`${one}-pods`, { team: one }))
type Texts = Readonly<Record<string, string>>
const datasetTexts = fc
  .tuple(
    fc.record({ one: datasetText('one'), two: datasetText('two'), three: datasetText('three') }),
    fc.shuffledSubarray([...PATHS], { minLength: 3 }),
  )
  .map(([texts, paths]) =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text], index) => [
        name,
        text.replace(/"prefixes":\[[^\]]*\]/, `"prefixes":["${paths[index]}"]`),
      ]),
    ),
  )
const grantTexts = fc.record({ g: grantText('g'), h: grantText('h'), i: grantText('i') })
const policy: fc.Arbitrary<Texts> = fc
  .tuple(datasetTexts, grantTexts, delegationText)
  .map(([datasets, grants, delegation]) => ({ ...datasets, ...grants, delegation }))
/** One field of one document written anew, a document taken away, or a new one. */
type Edit = { readonly name: string; readonly spec?: object; readonly text?: string; readonly isGone?: boolean }
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    name: fc.constantFrom('g', 'h', 'i'),
    spec: fc.oneof(
      whom,
      reach,
      some(ACTIONS).map((actions) => ({ actions })),
      fc.constantFrom(
        { paths: ['q'] },
        { paths: undefined },
        { effect: 'allow' },
        { effect: 'deny' },
        { mode: 'shadow' },
      ),
    ),
  }),
  fc.record({
    name: fc.constantFrom(...NAMES),
    spec: fc.oneof(
      some(PATHS).map((prefixes) => ({ prefixes })),
      labels.map((of) => ({ labels: of })),
      fc.constantFrom('quant', 'risk').map((owner) => ({ owner })),
    ),
  }),
  fc.constantFrom(...NAMES, 'g', 'h', 'i').map((name) => ({ name, isGone: true })),
  grantText('j').map((text) => ({ name: 'j', text })),
  datasetText('four').map((text) => ({ name: 'four', text })),
)

function edited(before: Texts, changes: readonly Edit[]): Texts {
  const after = new Map(Object.entries(before))
  for (const { name, spec, text, isGone } of changes) {
    const was = after.get(name)
    if (isGone === true) after.delete(name)
    else if (text !== undefined) after.set(name, text)
    else if (was !== undefined) {
      const read = JSON.parse(was.slice(4))
      after.set(name, `--- ${JSON.stringify({ ...read, spec: { ...read.spec, ...spec } })}\n`)
    }
  }
  return Object.fromEntries(after)
}

const edits = fc.tuple(policy, fc.array(edit, { minLength: 1, maxLength: 2 })).map(([before, changes]) => {
  const texts = (of: Texts) => [LAB, ...identities, ...Object.values(of)]
  return { base: stateOf(texts(before)), now: stateOf(texts(edited(before, changes))) }
})

const effectAt = ({ bundle }: State, who: string, action: Action, path: string) =>
  naiveDecide(bundle, who, [{ action, path: hdfs(path), scope: 'this' }], { now: NOW, paths: WORLD })

test('whoever gains by a change that passes gains what a delegation says, and whoever loses loses what is the author’s', () => {
  let passed = 0
  let gained = 0
  fc.assert(
    fc.property(edits, ({ base, now }) => {
      if (base === undefined || now === undefined) return
      if (authorship({ base, now, team: 'quant', at: NOW }).length > 0) return
      passed += 1
      const [delegation] = base.bundle.delegations
      const owners = { before: ownersIn(base.bundle), after: ownersIn(now.bundle) }
      for (const one of TEAMS) {
        for (const action of ACTIONS) {
          for (const path of WORLD) {
            const was = effectAt(base, `${one}-pods`, action, path)
            const is = effectAt(now, `${one}-pods`, action, path)
            if (was.effect === is.effect) continue
            const said = `${one} ${action} ${path}: ${was.reason}, then ${is.reason}`
            const isHere = [owners.before('lab', hdfs(path)), owners.after('lab', hdfs(path))].every(
              (owner) =>
                owner === undefined ||
                delegation?.datasets.includes(owner.dataset.name) === true ||
                owner.dataset.owner === 'quant',
            )
            if (is.reason === 'ancestor' || was.reason === 'ancestor') continue
            expect(isHere, said).toBe(true)
            if (is.effect === 'deny') continue
            gained += 1
            expect(was.reason, said).not.toBe('denied-by-grant')
            // What a grant finds by a label that the team may put there, it may find.
            const owner = owners.after('lab', hdfs(path))?.dataset
            const before = base.bundle.datasets.get(owner?.name ?? '')
            const labelled =
              delegation?.kinds.includes('Dataset') === true &&
              JSON.stringify([...(owner?.labels ?? [])].sort()) !== JSON.stringify([...(before?.labels ?? [])].sort())
            if (labelled) continue
            expect(delegation?.teams?.includes(one) ?? true, said).toBe(true)
            expect(delegation?.actions.includes(action), said).toBe(true)
          }
        }
      }
    }),
    { numRuns: RUNS },
  )
  expect(passed, 'changes that pass').toBeGreaterThan(5)
  expect(gained, 'decisions that change').toBeGreaterThan(5)
})
