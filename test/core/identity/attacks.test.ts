/** What an attacker who may create pods tries, reason by reason; beside each the nearest thing that is his right. */
import { describe, expect, test } from 'vitest'
import type { Admission } from '../../../src/core/identity/admission.ts'
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { asObject, type Json, type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { ADMISSION_REASONS, type AdmissionReason } from '../../../src/core/reasons.ts'
import { ask, BUNDLE, INJECTION, injected, injectionOf, outcome, POD, podWith, podWithContainer } from './world.ts'

type Attempt = {
  readonly reason: AdmissionReason
  readonly attack: string
  readonly pod: JsonObject
  readonly about?: Partial<Admission>
  /** The nearest pod that is admitted. */
  readonly right: JsonObject
}

const asks = (identity: string): JsonObject => ({ ...POD, metadata: { labels: { 'kerbside.io/identity': identity } } })
const security = (securityContext: object) => podWithContainer({ securityContext })
const volume = (source: object) => podWith({ volumes: [{ name: 'mine', ...source }] })
const token = (audience: string) =>
  volume({ projected: { sources: [{ downwardAPI: {} }, { serviceAccountToken: { audience, path: 't' } }] } })
const mounts = (...volumeMounts: object[]) => podWithContainer({ volumeMounts })
const alias = (...hostnames: string[]) => podWith({ hostAliases: [{ ip: '10.0.0.9', hostnames }] })
const capability = (...add: string[]) => security({ capabilities: { add } })

const ATTEMPTS: readonly Attempt[] = [
  { reason: 'unknown-identity', attack: "another team's identity", pod: asks('climate-models'), right: POD },
  { reason: 'unknown-identity', attack: 'a property of every object', pod: asks('constructor'), right: POD },
  { reason: 'unknown-identity', attack: 'a name that begins alike', pod: asks('quant-research2'), right: POD },
  {
    reason: 'unknown-identity',
    attack: 'the same service account in another namespace',
    pod: POD,
    about: { namespace: 'ml-quant2' },
    right: POD,
  },
  {
    reason: 'not-allowed',
    attack: 'a service account that begins alike',
    pod: podWith({ serviceAccountName: 'trainer2' }),
    right: podWith({ serviceAccountName: 'evaluator' }),
  },
  { reason: 'not-allowed', attack: 'no service account', pod: podWith({ serviceAccountName: '' }), right: POD },
  {
    reason: 'not-allowed',
    attack: 'the old name of the field beside the new one',
    pod: podWith({ serviceAccountName: 'other', serviceAccount: 'trainer' }),
    right: podWith({ serviceAccountName: '', serviceAccount: 'trainer' }),
  },
  { reason: 'bad-label', attack: 'an empty label', pod: asks(''), right: POD },
  { reason: 'bad-label', attack: 'a path in the label', pod: asks('../quant-research'), right: POD },
  {
    reason: 'host-network',
    attack: 'the network of the node',
    pod: podWith({ hostNetwork: true }),
    right: podWith({ hostNetwork: false }),
  },
  { reason: 'host-pid', attack: 'processes of the node', pod: podWith({ hostPID: true }), right: POD },
  { reason: 'host-ipc', attack: 'IPC of the node', pod: podWith({ hostIPC: true }), right: POD },
  {
    reason: 'shared-process-namespace',
    attack: 'processes of the pod',
    pod: podWith({ shareProcessNamespace: true }),
    right: podWith({ shareProcessNamespace: false }),
  },
  {
    reason: 'privileged',
    attack: 'a privileged container',
    pod: security({ privileged: true }),
    right: security({ privileged: false }),
  },
  {
    reason: 'privileged',
    attack: 'a privileged init container',
    pod: podWith({ initContainers: [{ name: 'prepare', securityContext: { privileged: true } }] }),
    right: podWith({ initContainers: [{ name: 'prepare' }] }),
  },
  { reason: 'privileged', attack: 'all of /proc', pod: security({ procMount: 'Unmasked' }), right: POD },
  {
    reason: 'privileged',
    attack: 'a host process',
    pod: podWith({ securityContext: { windowsOptions: { hostProcess: true } } }),
    right: POD,
  },
  ...['SYS_PTRACE', 'CAP_SYS_ADMIN', 'net_admin', 'ALL', 'all', 'Cap_Bpf', 'DAC_READ_SEARCH'].map((name) => ({
    reason: 'dangerous-capability' as const,
    attack: `capability ${name}`,
    pod: capability('CHOWN', name),
    right: capability('CHOWN', 'NET_BIND_SERVICE'),
  })),
  {
    reason: 'host-path',
    attack: 'the files of the node',
    pod: volume({ hostPath: { path: '/var/lib/kubelet' } }),
    right: volume({ emptyDir: {} }),
  },
  {
    reason: 'same-user',
    attack: "the sidecar's user",
    pod: security({ runAsUser: 65_532 }),
    right: security({ runAsUser: 65_533 }),
  },
  {
    reason: 'same-user',
    attack: "the sidecar's user, for the whole pod",
    pod: podWith({ securityContext: { runAsUser: 65_532 } }),
    right: podWith({
      securityContext: { runAsUser: 65_532 },
      containers: [{ name: 'train', securityContext: { runAsUser: 0 } }],
    }),
  },
  {
    reason: 'reserved-audience',
    attack: 'a token of our audience',
    pod: token('kerbside.io'),
    right: token('kerbside.io.example.org'),
  },
  {
    reason: 'reserved-name',
    attack: 'our name among the other containers',
    pod: podWith({ containers: [{ name: 'kerbside', image: 'evil' }] }),
    right: podWith({ containers: [{ name: 'my-kerbside', image: 'good' }] }),
  },
  {
    reason: 'reserved-name',
    attack: 'a name that begins like ours',
    pod: podWith({ initContainers: [{ name: 'kerbside-init' }] }),
    right: POD,
  },
  {
    reason: 'reserved-name',
    attack: 'a volume that begins like ours',
    pod: podWith({ volumes: [{ name: 'kerbside-x', emptyDir: {} }] }),
    right: volume({ emptyDir: {} }),
  },
  ...['kerbside-token', 'kerbside-run', 'kerbside-audit', 'kerbside-secrets'].map((name) => ({
    reason: 'reserved-volume' as const,
    attack: `a mount of ${name}`,
    pod: mounts({ name, mountPath: '/x', readOnly: true }),
    right: mounts({ name: 'kerbside-client', mountPath: '/etc/kerbside', readOnly: true }),
  })),
  {
    reason: 'reserved-volume',
    attack: 'the client configuration, writable',
    pod: mounts({ name: 'kerbside-client', mountPath: '/etc/kerbside' }),
    right: POD,
  },
  {
    reason: 'reserved-volume',
    attack: 'a volume of ours as a device',
    pod: podWithContainer({ volumeDevices: [{ name: 'kerbside-run', devicePath: '/dev/x' }] }),
    right: POD,
  },
  ...['nn1.lab', 'NN2.LAB', 'kdc.lab.', 'dn7.data.lab', 'bao.lab', 'kerbside-broker.kerbside.svc'].map((name) => ({
    reason: 'host-alias' as const,
    attack: `an alias for ${name}`,
    pod: alias('mine.lab', name),
    right: alias('mine.lab', 'data.lab', 'nn1.lab.example.org'),
  })),
  {
    reason: 'host-alias',
    attack: 'the name of a NameNode as its own',
    pod: podWith({ hostnameOverride: 'nn1.lab' }),
    right: podWith({ hostname: 'nn1' }),
  },
  {
    reason: 'host-alias',
    attack: 'a pod called like a NameNode',
    pod: { ...POD, metadata: { ...POD.metadata, name: 'nn1.lab' } },
    right: POD,
  },
  {
    reason: 'custom-dns',
    attack: 'DNS of its own',
    pod: podWith({ dnsPolicy: 'None', dnsConfig: {} }),
    right: podWith({ dnsPolicy: 'ClusterFirst', dnsConfig: { options: [{ name: 'ndots', value: '1' }] } }),
  },
  {
    reason: 'custom-dns',
    attack: 'one more DNS server',
    pod: podWith({ dnsConfig: { nameservers: ['10.0.0.9'] } }),
    right: POD,
  },
]

describe.each(ATTEMPTS)('$reason: $attack', ({ reason, pod, about, right }) => {
  test('is denied for that reason, at the first look and at the final one', () => {
    expect(new Set(outcome(ask(pod, about)))).toEqual(new Set([reason]))
    expect(outcome(ask(pod, { ...about, stage: 'validate' }))).toContain(reason)
  })
  test('and what is right beside it is admitted', () => {
    expect(outcome(ask(right))).toEqual(['admit'])
    expect(outcome(ask(injected(right), { stage: 'validate' }))).toEqual(['admit'])
  })
})

/** An injected pod whose sidecar has these fields instead. */
function tampered(fields: Record<string, unknown>): JsonObject {
  const pod = injected(POD)
  const spec = objectAt(pod, 'spec')
  const initContainers = objectsAt(spec, 'initContainers').map((raw) => ({ ...raw, ...fields }) as JsonObject)
  return { ...pod, spec: { ...spec, initContainers } }
}
const sidecar = objectsAt(objectAt(injected(POD), 'spec'), 'initContainers')[0] as JsonObject
const environment = objectsAt(sidecar, 'env')

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
  ['volumeMounts', { volumeMounts: [...objectsAt(sidecar, 'volumeMounts'), { name: 'mine', mountPath: '/mine' }] }],
  ['env LD_PRELOAD', { env: [...environment, { name: 'LD_PRELOAD', value: '/mine/x.so' }] }],
  ['env KERBSIDE_BROKER', { env: [...environment, { name: 'KERBSIDE_BROKER', value: 'https://evil' }] }],
  ['env KERBSIDE_CA', { env: environment.filter(({ name }) => name !== 'KERBSIDE_CA') }],
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

test('a folder of the node that the operator allows is allowed with all below it, and no sibling of it', () => {
  const injection = injectionOf({ allowedHostPaths: ['/mnt/scratch'] })
  const at = (path: string) => outcome(ask(volume({ hostPath: { path } }), {}, injection))
  expect(at('/mnt/scratch')).toEqual(['admit'])
  expect(at('/mnt/scratch/team')).toEqual(['admit'])
  for (const path of ['/mnt/scratch2', '/mnt', '/', '/mnt/scratch/../../etc', ''])
    expect(at(path)).toEqual(['host-path'])
})

test('nothing is admitted without a policy', () => {
  const admission = { pod: POD, namespace: 'ml-quant', stage: 'mutate', operation: 'CREATE' } as const
  expect(outcome(evaluate(admission, undefined, INJECTION))).toEqual(['no-policy'])
})

test('what cannot be read is denied, and never throws', () => {
  const broken: Json[] = [
    null,
    1,
    'pod',
    [],
    { spec: 1 },
    { spec: { containers: {} } },
    { metadata: { labels: { a: 1 } } },
  ]
  for (const pod of broken) expect(outcome(ask(pod))).toEqual(['internal-error'])
  const unusable = new Proxy(asObject(POD, 'pod'), {
    getOwnPropertyDescriptor: () => {
      throw new TypeError('secret')
    },
  })
  const verdict = ask(unusable)
  expect(outcome(verdict)).toEqual(['internal-error'])
  expect(JSON.stringify('denials' in verdict && verdict.denials)).not.toContain('secret')
  expect(outcome(ask(POD, { operation: 'UPDATE' }))).toEqual(['internal-error'])
})

test('every reason has an attempt here', () => {
  const elsewhere = ['sidecar-missing', 'sidecar-differs', 'label-changed', 'no-policy', 'internal-error']
  const tried = new Set<string>([...ATTEMPTS.map(({ reason }) => reason), ...elsewhere])
  expect(Object.keys(ADMISSION_REASONS).filter((reason) => !tried.has(reason))).toEqual([])
  expect(BUNDLE.identities.has('constructor')).toBe(false)
})
