/** Pairs of policies for the differ: some quite unlike, most made from one by edits that change much, little, or nothing. */
import fc from 'fast-check'
import { ACTIONS } from '../../../../src/core/policy/action.ts'
import type { Bundle, Dataset, Grant } from '../../../../src/core/policy/bundle.ts'
import { NOW } from '../bundle-of.ts'
import { bundle } from '../decision/near-misses.ts'

type Edit = (before: Bundle) => Bundle

const grantsTo =
  (change: (grants: readonly Grant[]) => readonly Grant[]): Edit =>
  (given) => ({ ...given, grants: change(given.grants) })

const onGrant = (at: number, change: (grant: Grant) => readonly Grant[]): Edit =>
  grantsTo((grants) => grants.flatMap((grant, index) => (index === at % grants.length ? change(grant) : [grant])))

const onDatasets = (at: number, change: (dataset: Dataset) => Dataset): Edit => {
  return (given) => ({
    ...given,
    datasets: new Map(
      [...given.datasets].map(([name, one], index) => [name, index === at % given.datasets.size ? change(one) : one]),
    ),
  })
}

const PODS = [{ namespaces: ['ml-quant'] }, { namespaces: ['ml-climate', 'ml-quant'] }] as const
const anyIndex = fc.nat(9)

/** Changes nothing: other words, another order, in pieces, twice. */
const idle: fc.Arbitrary<Edit> = fc.oneof(
  fc.constant(grantsTo((grants) => grants.toReversed())),
  anyIndex.map((at) => onGrant(at, (grant) => [{ ...grant, name: 'renamed', at: 'moved.yaml:1' }])),
  anyIndex.map((at) => onGrant(at, (grant) => grant.actions.map((action) => ({ ...grant, actions: [action] })))),
  anyIndex.map((at) => onGrant(at, (grant) => grant.datasets.map((name) => ({ ...grant, datasets: [name] })))),
  anyIndex.map((at) => onGrant(at, (grant) => [grant, { ...grant, expiresAt: NOW + 1 }])),
  anyIndex.map((at) =>
    onGrant(at, (grant) => [
      { ...grant, expiresAt: Math.min(grant.expiresAt ?? NOW + 1, NOW + 1) },
      { ...grant, startsAt: Math.max(grant.startsAt ?? NOW + 1, NOW + 1) },
    ]),
  ),
)

const small: fc.Arbitrary<Edit> = fc.oneof(
  anyIndex.map((at) => onGrant(at, () => [])),
  anyIndex.map((at) => onGrant(at, (grant) => [grant, { ...grant, name: 'added', effect: 'deny' }])),
  fc
    .tuple(anyIndex, fc.constantFrom(NOW, NOW + 1, NOW + 2))
    .map(([at, expiresAt]) => onGrant(at, (grant) => [{ ...grant, expiresAt }])),
  fc.tuple(anyIndex, fc.constantFrom(...PODS)).map(([at, pods]) => onGrant(at, (grant) => [{ ...grant, pods }])),
  fc
    .tuple(anyIndex, fc.constantFrom(...ACTIONS))
    .map(([at, action]) => onGrant(at, (grant) => [{ ...grant, actions: [...new Set([...grant.actions, action])] }])),
  anyIndex.map((at) => onGrant(at, (grant) => [{ ...grant, paths: ['sales'] }])),
  anyIndex.map((at) => onGrant(at, (grant) => [{ ...grant, teams: [], identities: ['quant-research'] }])),
  anyIndex.map((at) => onDatasets(at, (one) => ({ ...one, protect: !one.protect, protectedPaths: [] }))),
  anyIndex.map((at) => onDatasets(at, (one) => ({ ...one, prefixes: one.prefixes.slice(1) }))),
)

const edits = fc.oneof(
  { weight: 2, arbitrary: fc.array(idle, { minLength: 1, maxLength: 2 }) },
  { weight: 3, arbitrary: fc.array(fc.oneof(idle, small), { minLength: 1, maxLength: 2 }) },
)

export const pair: fc.Arbitrary<readonly [Bundle, Bundle]> = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(bundle, bundle) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(bundle, edits)
      .map(([before, changes]) => [before, changes.reduce((given, change) => change(given), before)] as const),
  },
)
