/** A pod is to Kubernetes what it was before: the same class when a node runs short, and every limit that a quota wants. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { parseQuantity } from '../../../src/core/quantity.ts'
import { ask, HEAVY, injected, injectionOf, outcome, POD, podWith } from './world.ts'

const KINDS = ['cpu', 'memory'] as const
type Amounts = Map<string, number>

/** As ComputePodQOS of k8s.io/kubernetes (pkg/apis/core/v1/helper/qos) does it: sums, and not container by container. */
function classOf(pod: JsonObject): string {
  const spec = objectAt(pod, 'spec')
  const whole = objectAt(spec, 'resources')
  const each = [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')].map((c) =>
    objectAt(c, 'resources'),
  )
  const considered = Object.keys(whole).length > 0 ? [whole] : each
  const [requests, limits]: [Amounts, Amounts] = [new Map(), new Map()]
  let isGuaranteed = true
  for (const resources of considered) {
    const limited = amounts(objectAt(resources, 'limits'))
    // The API server fills in a request that is not there.
    const requested = new Map([...limited, ...amounts(objectAt(resources, 'requests'))])
    add(requests, requested)
    add(limits, limited)
    if (!KINDS.every((kind) => limited.has(kind))) isGuaranteed = false
  }
  if (requests.size + limits.size === 0) return 'BestEffort'
  const areSame = [...requests].every(([kind, amount]) => limits.get(kind) === amount)
  return isGuaranteed && areSame && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}

function add(to: Amounts, more: Amounts): void {
  for (const [kind, amount] of more) to.set(kind, (to.get(kind) ?? 0) + amount)
}

function amounts(list: JsonObject): Amounts {
  const all = KINDS.map((kind) => [kind, parseQuantity(String(list[kind] ?? '0')) ?? 0] as const)
  return new Map(all.filter(([, amount]) => amount > 0))
}

const pair = (values: readonly string[]) =>
  fc.constantFrom<JsonObject>(
    {},
    { requests: values[0] ?? '' },
    { limits: values[1] ?? '' },
    { requests: values[0] ?? '', limits: values[1] ?? '' },
    {
      requests: values[1] ?? '',
      limits: values[1] ?? '',
    },
  )
/** Of cpu and memory each: nothing, a request, a limit, both, or both the same; and sometimes a thing that is in no class. */
const resources = fc
  .record({ cpu: pair(['1', '2']), memory: pair(['1Gi', '2048Mi']), gpu: fc.boolean() })
  .map(({ cpu, memory, gpu }): JsonObject => {
    const of = (list: string): JsonObject => ({
      ...(cpu[list] === undefined ? {} : { cpu: cpu[list] }),
      ...(memory[list] === undefined ? {} : { memory: memory[list] }),
      ...(gpu ? { 'nvidia.com/gpu': 1 } : {}),
    })
    return { requests: of('requests'), limits: of('limits') }
  })
const container = (name: string) => fc.record({ name: fc.constant(name), image: fc.constant('i'), resources })
const pod = fc
  .record({
    initContainers: fc.oneof(fc.constant([]), fc.tuple(container('fetch'))),
    containers: fc.oneof(fc.tuple(container('a')), fc.tuple(container('a'), container('b'))),
    own: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, fc.record({ resources })),
  })
  .map(({ own, ...lists }) => podWith({ ...lists, ...own }))

test('its class stays', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(pod, (given) => {
      seen.add(classOf(given))
      expect(classOf(injected(given))).toBe(classOf(given))
    }),
    { numRuns: 500 },
  )
  expect([...seen].sort()).toEqual(['BestEffort', 'Burstable', 'Guaranteed'])
})

test('what all of its containers have a request or limit of, the sidecar has, unless the pod asks as a whole', () => {
  fc.assert(
    fc.property(pod, (given) => {
      if (objectAt(given, 'spec')['resources'] !== undefined) return
      const everywhere = (of: JsonObject) => {
        const all = [
          ...objectsAt(objectAt(of, 'spec'), 'containers'),
          ...objectsAt(objectAt(of, 'spec'), 'initContainers'),
        ]
        return ['requests', 'limits'].flatMap((list) =>
          KINDS.filter((kind) =>
            all.every((each) => amounts(objectAt(objectAt(each, 'resources'), list)).has(kind)),
          ).map((kind) => `${list}.${kind}`),
        )
      }
      expect(everywhere(injected(given))).toEqual(expect.arrayContaining(everywhere(given)))
    }),
    { numRuns: 500 },
  )
})

test('an identity that says what its sidecars ask for changes the class BestEffort, and no other', () => {
  const verdict = ask({ ...POD, metadata: { labels: { 'kerbside.io/identity': HEAVY.name } } })
  expect(JSON.stringify(verdict)).toContain('"limits":{"cpu":"2","memory":"512Mi"}')
})

test('a proxy of a mesh that comes later may change the class; the pod is valid all the same', () => {
  const full = { limits: { cpu: '1', memory: '1Gi' } }
  for (const before of [{}, full]) {
    const once = injected(podWith({ containers: [{ name: 'a', image: 'i', resources: before }] }))
    const spec = objectAt(once, 'spec')
    const mesh = {
      name: 'istio-proxy',
      image: 'mesh',
      restartPolicy: 'Always',
      resources: { requests: { cpu: '100m' } },
    }
    const later = { ...once, spec: { ...spec, initContainers: [mesh, ...objectsAt(spec, 'initContainers')] } }
    for (const stage of ['mutate', 'validate', 'running'] as const) {
      expect(ask(later, { stage })).toMatchObject({ effect: 'admit', patch: [] })
    }
  }
})

test('a sidecar that is limited below what it needs is refused, also where it has no limits by itself', () => {
  const once = injected(POD)
  const spec = objectAt(once, 'spec')
  const starved = objectsAt(spec, 'initContainers').map((raw) => ({ ...raw, resources: { limits: { memory: '8Mi' } } }))
  const pod = { ...once, spec: { ...spec, initContainers: starved } }
  expect(outcome(ask(pod, { stage: 'validate' }))).toEqual(['sidecar-differs'])
  expect(outcome(ask(pod, { stage: 'validate', operation: 'UPDATE', old: once }))).toEqual(['sidecar-differs'])
})

describe('on OpenShift', () => {
  const userRange = '1000680000/10000'
  const asked = ask(POD, { userRange })
  const user = 1_000_689_999
  test('the sidecar is the last user of the range, in both ways of writing it', () => {
    expect(JSON.stringify(asked)).toContain(`"runAsUser":${user}`)
    expect(ask(POD, { userRange: `1000680000-${user}` })).toEqual(asked)
  })

  test.each(['', '5', '1000680000/1', '1000680000/0', '5/3', '1000689999-1000680000', '1000680000/9999999999', 'x/y'])(
    'a range that is none, or has no second user, is as if there was none: `%s`',
    (broken) => {
      expect(ask(POD, { userRange: broken })).toEqual(ask(POD))
    },
  )

  test('whoever does not know the range takes the pod, and whoever knows another does not', () => {
    const pod = injected(POD, injectionOf(), { userRange })
    for (const stage of ['validate', 'running'] as const) {
      expect(outcome(ask(pod, { stage, userRange }))).toEqual(['admit'])
      expect(outcome(ask(pod, { stage }))).toEqual(['admit'])
      expect(outcome(ask(pod, { stage, userRange: '1000690000/10000' }))).toEqual(['sidecar-differs'])
    }
  })

  test('no other container may be that user', () => {
    const same = podWith({ containers: [{ name: 'a', image: 'i', securityContext: { runAsUser: user } }] })
    expect(outcome(ask(injected(same, injectionOf(), { userRange }), { stage: 'validate', userRange }))).toEqual([
      'same-user',
    ])
  })
})

test('secrets for the registry of the image are added once, behind those of the pod', () => {
  const injection = injectionOf({ imagePullSecrets: ['registry', 'mirror'] })
  const pod = injected(podWith({ imagePullSecrets: [{ name: 'own' }, { name: 'mirror' }] }), injection)
  expect(objectsAt(objectAt(pod, 'spec'), 'imagePullSecrets')).toEqual([
    { name: 'own' },
    { name: 'mirror' },
    { name: 'registry' },
  ])
  expect(ask(pod, {}, injection)).toMatchObject({ patch: [] })
  expect(outcome(ask(injected(POD), { stage: 'validate' }, injection))).toEqual(['admit'])
})

test('annotations say what they say for the sidecar that is made, and never stop one that runs', () => {
  const withAnnotations = (annotations: JsonObject): JsonObject => ({
    ...POD,
    metadata: { ...POD.metadata, annotations },
  })
  const loud = injected(withAnnotations({ 'kerbside.io/log-level': 'debug' }))
  expect(JSON.stringify(loud)).toContain('"value":"debug"')
  expect(outcome(ask(loud, { stage: 'validate' }))).toEqual(['admit'])
  expect(JSON.stringify(ask(withAnnotations({ 'kerbside.io/clients': 'none' })))).not.toContain('HADOOP_CONF_DIR')
  const unknown = { ...injected(POD), metadata: { ...POD.metadata, annotations: { 'kerbside.io/of-tomorrow': 'x' } } }
  expect(outcome(ask(unknown, { stage: 'validate' }))).toEqual(['bad-annotation'])
  expect(outcome(ask(unknown, { stage: 'running' }))).toEqual(['admit'])
})
