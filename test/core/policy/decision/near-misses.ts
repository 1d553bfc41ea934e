/** Generators that miss nearly, on purpose: siblings that begin alike, nested datasets, expiry at the very moment, names of prototypes. */
import fc from 'fast-check'
import { ACTIONS, type Action, PRESETS } from '../../../../src/core/policy/action.ts'
import type { Bundle, Grant } from '../../../../src/core/policy/bundle.ts'
import type { Demand } from '../../../../src/core/policy/decision/demand.ts'
import { bundleOf, hdfs, NOW } from '../bundle-of.ts'

const SEGMENTS = ['data', 'sales', 'salesforce', 'constructor', '__proto__'] as const

/** Few places, so that prefixes nest, and demands fall on, above, beside and just below them. */
const CROWDED = [
  '/',
  '/data',
  '/data/sales',
  '/data/salesforce',
  '/data/sales/sales',
  '/data/sales/data',
  '/data/salesforce/sales',
  '/sales',
  '/constructor',
  '/__proto__',
]

/** Below a prefix, where grants and protection begin. */
const SUB_PATHS = ['sales', 'salesforce', 'data', 'sales/sales', 'constructor/__proto__', 'data/sales'] as const

/** Every path down to the deepest prefix, and one below each place where datasets crowd. */
export const WORLD: readonly string[] = [
  ...new Set([...pathsDownTo(3), ...CROWDED.flatMap((path) => childrenOf(path === '/' ? '' : path))]),
]

/** The same with every place where a grant of the bundle could begin. */
export const worldOf = ({ datasets }: Bundle): readonly string[] => {
  const prefixes = [...datasets.values()].flatMap((dataset) => dataset.prefixes)
  const places = prefixes.flatMap((prefix) => SUB_PATHS.map((sub) => `${prefix === '/' ? '' : prefix}/${sub}`))
  return [...new Set([...WORLD, ...places])]
}

function childrenOf(path: string): string[] {
  return SEGMENTS.map((segment) => `${path}/${segment}`)
}

function pathsDownTo(depth: number): string[] {
  const levels: string[][] = [['']]
  for (let level = 0; level < depth; level += 1) levels.push((levels[level] ?? []).flatMap(childrenOf))
  return levels.flat().map((path) => path || '/')
}

const prefix = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...CROWDED) }, fc.constantFrom(...pathsDownTo(3)))
const action = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Action>('read', 'stat', 'list', 'delete') },
  fc.constantFrom(...ACTIONS),
)
const actions: fc.Arbitrary<readonly Action[]> = fc.oneof(
  fc.uniqueArray(action, { minLength: 1, maxLength: 5 }),
  fc.constantFrom<readonly Action[]>(PRESETS.read, PRESETS.write, PRESETS.manage, ACTIONS),
)
const NAMES = ['market', 'weather', 'constructor', '__proto__', 'far-away'] as const

/** A field that most grants leave out: with each of them a grant reaches less, and few would be left that allow. */
const rarely = <K extends string, T>(name: K, value: fc.Arbitrary<T>): fc.Arbitrary<{ [N in K]?: T }> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: value.map((given) => ({ [name]: given }) as { [N in K]?: T }) },
  )

const grant = fc
  .tuple(
    fc.record({
      effect: fc.oneof({ weight: 4, arbitrary: fc.constant('allow' as const) }, fc.constant('deny' as const)),
      teams: fc.constantFrom<readonly string[]>(['quant'], ['quant'], ['quant'], ['climate', 'quant'], ['climate'], []),
      identities: fc.constantFrom<readonly string[]>([], [], ['quant-research'], ['climate-models'], ['quant']),
      datasets: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }),
      actions,
    }),
    rarely('expiresAt', fc.constantFrom(NOW - 1, NOW, NOW + 1)),
    rarely('startsAt', fc.constantFrom(NOW - 1, NOW, NOW + 1, NOW + 2)),
    rarely(
      'paths',
      fc.constantFrom<readonly string[]>(
        ['sales'],
        ['salesforce', 'data'],
        ['sales/sales'],
        ['constructor/__proto__', 'data/sales'],
      ),
    ),
    rarely('mode', fc.constant('shadow' as const)),
    rarely(
      'pods',
      fc.record({ namespaces: fc.constantFrom(['ml-quant'], ['ml-climate'], ['ml-climate', 'ml-quant']) }),
    ),
  )
  .map(([required, ...rare]) => Object.assign(required, ...rare) as typeof required & Partial<Grant>)

export const bundle: fc.Arbitrary<Bundle> = fc
  .record({
    prefixes: fc.uniqueArray(prefix, { minLength: 3, maxLength: 8 }),
    owners: fc.array(fc.constantFrom(...NAMES.slice(0, 4)), { minLength: 8, maxLength: 8 }),
    protects: fc.array(fc.boolean(), { minLength: NAMES.length, maxLength: NAMES.length }),
    protectedPaths: fc.array(fc.constantFrom([], [], [], ['sales'], ['data/sales', 'salesforce']), {
      minLength: NAMES.length,
      maxLength: NAMES.length,
    }),
    far: fc.uniqueArray(prefix, { maxLength: 2 }),
    grants: fc.array(grant, { minLength: 1, maxLength: 10 }),
  })
  .map(({ prefixes, owners, protects, protectedPaths, far, grants }) => {
    const datasets = NAMES.map((name, index) => {
      const isFar = name === 'far-away'
      const own = isFar ? far : prefixes.filter((_, at) => owners[at] === name)
      const protect = protects[index] ?? true
      const given = {
        prefixes: own,
        protect,
        protectedPaths: protect ? (protectedPaths[index] ?? []) : [],
        cluster: isFar ? 'far' : 'lab',
      }
      return [name, given] as const
    })
    return bundleOf(Object.fromEntries(datasets), grants)
  })

const demand: fc.Arbitrary<Demand> = fc.record({
  action,
  path: fc
    .oneof({ weight: 6, arbitrary: fc.constantFrom(...CROWDED) }, fc.constantFrom(...WORLD))
    .map((path) => hdfs(path)),
  scope: fc.constantFrom('this' as const, 'subtree' as const),
})

export const demands: fc.Arbitrary<readonly Demand[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(demand, { minLength: 1, maxLength: 1 }) },
  fc.array(demand, { maxLength: 3 }),
)
export const now: fc.Arbitrary<number> = fc.constantFrom(NOW - 1, NOW, NOW + 1)
/** Of the pod that asks; what is not known is the third. */
export const namespace: fc.Arbitrary<string | undefined> = fc.constantFrom('ml-quant', 'ml-climate', undefined)
