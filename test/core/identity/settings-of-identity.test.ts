/** Settings that an identity has for itself, and pods that were admitted before they changed. */
import { describe, expect, test } from 'vitest'
import type { Identity, SidecarSettings } from '../../../src/core/identity/identity.ts'
import { type Json, type JsonObject, objectAt } from '../../../src/core/identity/json.ts'
import { applyPatch } from '../../../src/core/identity/json-patch.ts'
import { readPod } from '../../../src/core/identity/pod.ts'
import { specFor } from '../../../src/core/identity/spec-for.ts'
import type { Bundle } from '../../../src/core/policy/bundle.ts'
import { ask, BUNDLE, INJECTION, injected, injectionOf, outcome, podWithContainer } from './world.ts'

/** Not of the class BestEffort: what its sidecar asks for is written out. */
const POD = podWithContainer({ resources: { requests: { cpu: '1' } } })

const QUANT = BUNDLE.identities.get('quant-research') as Identity
const withSettings = (sidecar: SidecarSettings, tokenSeconds?: number): Bundle => ({
  ...BUNDLE,
  identities: new Map([
    ...BUNDLE.identities,
    ['quant-research', { ...QUANT, sidecar, ...(tokenSeconds === undefined ? {} : { tokenSeconds }) }],
  ]),
})
const admitted = (bundle: Bundle): JsonObject => {
  const verdict = ask(POD, {}, INJECTION, bundle)
  if (verdict.effect === 'deny') throw new Error(JSON.stringify(verdict))
  return applyPatch(POD as Json, verdict.patch) as JsonObject
}
/** A pod with another value where a text stands in its JSON. */
const edited = (pod: JsonObject, from: string, to: string): JsonObject => {
  const text = JSON.stringify(pod)
  if (!text.includes(from)) throw new Error(`no ${from}`)
  return JSON.parse(text.replace(from, to)) as JsonObject
}

const CHANGES: readonly (readonly [string, Bundle])[] = [
  ['more memory', withSettings({ resources: { limits: { memory: '1Gi' } } })],
  ['a CPU limit', withSettings({ resources: { limits: { cpu: '2' } } })],
  ['another log level', withSettings({ logLevel: 'debug' })],
  ['a shorter life of the token', withSettings({}, 600)],
]

describe.each(CHANGES)('an identity that gets %s', (what, changed) => {
  test('gives it to new pods, which the final look wants', () => {
    const pod = admitted(changed)
    expect(pod).not.toEqual(injected(POD))
    expect(outcome(ask(pod, { stage: 'validate' }, INJECTION, changed))).toEqual(['admit'])
    // A limit that is only added is one that was not there: nothing is missing from the older pod.
    const older = what === 'a CPU limit' ? 'admit' : 'sidecar-differs'
    expect(outcome(ask(injected(POD), { stage: 'validate' }, INJECTION, changed))).toEqual([older])
  })

  test('does not catch pods that run, in either direction', () => {
    expect(outcome(ask(injected(POD), { stage: 'running' }, INJECTION, changed))).toEqual(['admit'])
    expect(outcome(ask(admitted(changed), { stage: 'running' }, INJECTION))).toEqual(['admit'])
  })

  test('does not stop updates of pods that were there before', () => {
    const old = injected(POD)
    const pod = { ...old, metadata: { ...objectAt(POD, 'metadata'), annotations: { touched: 'yes' } } }
    for (const stage of ['mutate', 'validate'] as const) {
      expect(outcome(ask(pod, { stage, operation: 'UPDATE', old }, INJECTION, changed))).toEqual(['admit'])
    }
  })
})

describe('a pod that runs', () => {
  test.each([
    ['a log level that there is not', '"value":"info"', '"value":"everything"'],
    ['a token that lives longer than any identity may ask', '"expirationSeconds":3600', '"expirationSeconds":86401'],
    ['a token that lives shorter', '"expirationSeconds":3600', '"expirationSeconds":599'],
    ['another image', '"image":"kerbside:dev"', '"image":"evil"'],
    ['another audience', '"audience":"kerbside.io"', '"audience":"vault"'],
    ['another broker', 'https://kerbside-broker.kerbside.svc:8443', 'https://evil:1'],
  ])('is refused with %s', (_, from, to) => {
    expect(outcome(ask(edited(injected(POD), from, to), { stage: 'running' }))).toEqual(['sidecar-differs'])
  })

  test('without a sidecar, or without its token, is refused', () => {
    expect(outcome(ask(POD, { stage: 'running' }))).toEqual(['sidecar-missing'])
    const { spec, ...rest } = injected(POD) as { spec: { volumes: JsonObject[] } }
    const volumes = spec.volumes.filter(({ name }) => name !== 'kerbside-token')
    expect(outcome(ask({ ...rest, spec: { ...spec, volumes } }, { stage: 'running' }))).toEqual(['sidecar-differs'])
  })

  test('of an earlier injection and earlier settings at once is still ours', () => {
    const pod = admitted(withSettings({ logLevel: 'debug' }, 600))
    const later = injectionOf({ image: 'kerbside:next', earlier: [{ image: 'kerbside:dev' }] })
    expect(outcome(ask(pod, { stage: 'running' }, later))).toEqual(['admit'])
    expect(outcome(ask(pod, { stage: 'running' }, injectionOf({ image: 'kerbside:next' })))).toEqual([
      'sidecar-differs',
    ])
  })
})

describe('requests and limits', () => {
  const resources = (given: NonNullable<SidecarSettings['resources']>) =>
    specFor(INJECTION.current, { ...QUANT, sidecar: { resources: given } }, { pod: readPod(POD) }).resources

  test('of the operator are moved where only the other one is given, so that a pod is possible', () => {
    expect(resources({ limits: { cpu: '5m', memory: '32Mi' } })).toMatchObject({
      cpuRequest: '5m',
      cpuLimit: '5m',
      memoryRequest: '32Mi',
      memoryLimit: '32Mi',
    })
    expect(resources({ requests: { memory: '512Mi' } })).toMatchObject({ memoryRequest: '512Mi', memoryLimit: '512Mi' })
  })

  test('are the identity’s own where both are given, and the operator’s where neither is', () => {
    expect(resources({ requests: { memory: '1Gi', cpu: '1' }, limits: { memory: '2Gi', cpu: '2' } })).toMatchObject({
      cpuRequest: '1',
      cpuLimit: '2',
      memoryRequest: '1Gi',
      memoryLimit: '2Gi',
    })
    expect(resources({})).toEqual(INJECTION.current.resources)
  })
})

test('an identity that asks a secret store by itself gets no pods where sidecars have none to ask', () => {
  const injection = injectionOf({ store: 'none' })
  const through = (secretsThrough: 'sidecar' | 'broker'): Bundle => ({
    ...BUNDLE,
    identities: new Map([...BUNDLE.identities, ['quant-research', { ...QUANT, secretsThrough }]]),
  })
  for (const bundle of [BUNDLE, through('sidecar')])
    expect(outcome(ask(POD, {}, injection, bundle))).toEqual(['no-secret-store'])
  expect(outcome(ask(POD, {}, injection, through('broker')))).toEqual(['admit'])
  expect(outcome(ask(POD, {}, INJECTION, through('sidecar')))).toEqual(['admit'])
  // What runs already is not stopped by it: the sidecar says so itself.
  const running = ask(injected(POD), { stage: 'running' }, injection)
  expect(outcome(running)).not.toContain('no-secret-store')
})
