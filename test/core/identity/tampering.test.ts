/** A pod that went by us: its sidecar or label changed after injection, by another webhook, by its owner, or at an update. */
import { describe, expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { ask, injected, injectionOf, outcome, POD, podWith } from './world.ts'

/** An injected pod whose sidecar has these fields instead. */
function tampered(fields: Record<string, unknown>): JsonObject {
  const pod = injected(POD)
  const spec = objectAt(pod, 'spec')
  const initContainers = objectsAt(spec, 'initContainers').map((raw) => ({ ...raw, ...fields }) as JsonObject)
  return { ...pod, spec: { ...spec, initContainers } }
}
const sidecar = objectsAt(objectAt(injected(POD), 'spec'), 'initContainers')[0] as JsonObject
const environment = objectsAt(sidecar, 'env')
/** With something else where the authorities of the broker stand. */
const withCa = (change: (ca: string) => string) =>
  environment.map((each) => (each['name'] === 'KERBSIDE_CA' ? { ...each, value: change(String(each['value'])) } : each))
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const withMount = (mount: JsonObject) => ({ volumeMounts: [...objectsAt(sidecar, 'volumeMounts'), mount] })

describe.each<[string, Record<string, unknown>]>([
  ['image', { image: 'evil' }],
  ['command', { command: ['/bin/sh'] }],
  ['args', { args: ['sidecar', '--verbose'] }],
  ['restartPolicy', { restartPolicy: 'OnFailure' }],
  ['securityContext', { securityContext: { ...objectAt(sidecar, 'securityContext'), runAsUser: 1000 } }],
  ['startupProbe', { startupProbe: { exec: { command: ['true'] } } }],
  ['envFrom', { envFrom: [{ configMapRef: { name: 'evil' } }] }],
  ['lifecycle', { lifecycle: { postStart: { exec: { command: ['cp', '/run/kerbside/keytab', '/etc/kerbside'] } } } }],
  ['workingDir', { workingDir: '/tmp' }],
  ['stdin', { stdin: true, tty: true }],
  ['volumeDevices', { volumeDevices: [{ name: 'd', devicePath: '/dev/d' }] }],
  ['volumeMounts', withMount({ name: 'mine', mountPath: '/mine' })],
  ['volumeMounts', withMount({ name: 'kube-api-access-x1', mountPath: '/usr/bin', readOnly: true })],
  ['volumeMounts', withMount({ name: 'kube-api-access-x1', mountPath: ACCOUNT })],
  ['volumeMounts', withMount({ name: 'kube-api-access-x1', mountPath: ACCOUNT, readOnly: true, subPath: 'x' })],
  ['volumeMounts', withMount({ name: 'mine', mountPath: ACCOUNT, readOnly: true })],
  ['env LD_PRELOAD', { env: [...environment, { name: 'LD_PRELOAD', value: '/mine/x.so' }] }],
  ['env KERBSIDE_BROKER', { env: [...environment, { name: 'KERBSIDE_BROKER', value: 'https://evil' }] }],
  ['env KERBSIDE_CA', { env: environment.filter(({ name }) => name !== 'KERBSIDE_CA') }],
  ['env KERBSIDE_CA', { env: withCa((ca) => `${ca}\nand whatever else a parser may pass over`) }],
  ['env KERBSIDE_CA', { env: withCa((ca) => `-----BEGIN CERTIFICATE-----\n${ca}`) }],
  ['order of env', { env: environment.toReversed() }],
  ['resources', { resources: { limits: { cpu: '1m', memory: '1Gi' } } }],
  ['resources', { resources: { limits: { memory: '64Mi' } } }],
])('a sidecar with another %s', (field, fields) => {
  test('is refused at creation, whoever made it', () => {
    for (const stage of ['mutate', 'validate'] as const) {
      const verdict = ask(tampered(fields), { stage })
      expect(outcome(verdict)).toEqual(['sidecar-differs'])
      expect(verdict).toMatchObject({ denials: [{ message: expect.stringContaining(`(${field}`) }] })
    }
  })
  test('is refused at an update', () => {
    const verdict = ask(tampered(fields), { stage: 'validate', operation: 'UPDATE', old: injected(POD) })
    expect(outcome(verdict)).toEqual(['sidecar-differs'])
  })
})

test('a volume of our name that is not ours is refused', () => {
  const pod = injected(POD)
  const spec = objectAt(pod, 'spec')
  const volumes = objectsAt(spec, 'volumes').map((raw) =>
    raw['name'] === 'kerbside-run' ? { name: 'kerbside-run', emptyDir: {} } : raw,
  )
  const verdict = ask({ ...pod, spec: { ...spec, volumes } }, { stage: 'validate' })
  expect(outcome(verdict)).toEqual(['sidecar-differs'])
})

test('of a volume that the operator brings, what the API server fills in is no difference, and anything else is', () => {
  const secret = { secretName: 'hdfs' }
  const injection = injectionOf({ store: 'files', storeMount: '/secrets', secretsVolume: { secret } })
  const pod = injected(POD, injection)
  const spec = objectAt(pod, 'spec')
  const looked = (filledIn: JsonObject) => {
    const volumes = objectsAt(spec, 'volumes').map((raw) =>
      raw['name'] === 'kerbside-secrets' ? { ...raw, secret: { ...secret, ...filledIn } } : raw,
    )
    return outcome(ask({ ...pod, spec: { ...spec, volumes } }, { stage: 'validate' }, injection))
  }
  expect(looked({ defaultMode: 420 })).toEqual(['admit'])
  for (const other of [{ defaultMode: 511 }, { optional: true }, { items: [] }, { type: '', defaultMode: 0 }])
    expect(looked(other), JSON.stringify(other)).toEqual(['sidecar-differs'])
})

test('a second sidecar is refused', () => {
  const pod = injected(POD)
  const spec = objectAt(pod, 'spec')
  const twice = { ...pod, spec: { ...spec, initContainers: [sidecar, { ...sidecar, image: 'evil' }] } }
  expect(outcome(ask(twice, { stage: 'validate' }))).toContain('reserved-name')
})

test('a pod that lost its sidecar, or its volumes, is refused at the final look', () => {
  const pod = injected(POD)
  const spec = objectAt(pod, 'spec')
  expect(outcome(ask(POD, { stage: 'validate' }))).toEqual(['sidecar-missing'])
  expect(outcome(ask({ ...pod, spec: { ...spec, volumes: [] } }, { stage: 'validate' }))).toEqual(['sidecar-differs'])
})

test('an update cannot change, take away or bring in the label', () => {
  const labelled = injected(POD)
  const other = { ...labelled, metadata: { labels: { 'kerbside.io/identity': 'climate-models' } } }
  const without = { ...labelled, metadata: {} }
  const update = (pod: JsonObject, old: JsonObject) =>
    outcome(ask(pod, { stage: 'validate', operation: 'UPDATE', old }))
  expect(update(other, labelled)).toEqual(['label-changed'])
  expect(update(without, labelled)).toEqual(['label-changed'])
  expect(update(labelled, without)).toEqual(['label-changed'])
  expect(update(labelled, labelled)).toEqual(['admit'])
})

test('a pod that a later rule would refuse may still be updated, and only not made worse', () => {
  const old = podWith({ hostNetwork: true })
  const finalizer = { ...old, metadata: { ...POD.metadata, finalizers: [] } }
  const worse = podWith({ hostNetwork: true, ephemeralContainers: [{ name: 'x', targetContainerName: 'kerbside' }] })
  const update = (pod: JsonObject) => outcome(ask(pod, { stage: 'validate', operation: 'UPDATE', old }))
  expect(update(finalizer)).toEqual(['admit'])
  expect(update(worse)).toEqual(['shared-process-namespace'])
})
