/** What an attacker who may create pods tries, reason by reason; beside each the nearest thing that is his right. */
import { describe, expect, test } from 'vitest'
import type { Admission } from '../../../src/core/identity/admission.ts'
import { DANGEROUS_CAPABILITIES } from '../../../src/core/identity/checks/container-rights.ts'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { ADMISSION_REASONS, type AdmissionReason } from '../../../src/core/reasons.ts'
import { ask, BUNDLE, injected, injectionOf, outcome, POD, podWith, podWithContainer } from './world.ts'

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

const annotated = (annotations: JsonObject): JsonObject => ({ ...POD, metadata: { ...POD.metadata, annotations } })
const whole = (memory: string) => podWith({ resources: { limits: { memory } } })

const ATTEMPTS: readonly Attempt[] = [
  {
    reason: 'bad-annotation',
    attack: 'a setting of the sidecar that no pod has',
    pod: annotated({ 'kerbside.io/image': 'evil' }),
    right: annotated({ 'kerbside.io/log-level': 'debug' }),
  },
  {
    reason: 'bad-annotation',
    attack: 'a value that runs on',
    pod: annotated({ 'kerbside.io/log-level': 'debug\nimage: evil' }),
    right: annotated({ 'other.kerbside.io/log-level': 'debug\nimage: evil' }),
  },
  { reason: 'no-room', attack: 'a starved pod', pod: whole('255Mi'), right: whole('256Mi') },
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
  ...['nn1.lab', 'NN2.LAB', 'kdc.lab.', 'ad.corp', 'dn7.data.lab', 'bao.lab', 'kerbside-broker.kerbside.svc'].map(
    (name) => ({
      reason: 'host-alias' as const,
      attack: `an alias for ${name}`,
      pod: alias('mine.lab', name),
      right: alias('mine.lab', 'data.lab', 'nn1.lab.example.org'),
    }),
  ),
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
  {
    reason: 'custom-dns',
    attack: 'a search domain',
    pod: podWith({ dnsConfig: { searches: ['example.org'] } }),
    right: podWith({ dnsConfig: { searches: [] } }),
  },
  {
    reason: 'csi-volume',
    attack: 'the driver of a secret store',
    pod: volume({ csi: { driver: 'secrets-store.csi.k8s.io' } }),
    right: volume({ persistentVolumeClaim: { claimName: 'mine' } }),
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

test('the capabilities that are refused are these, and those that containers have by themselves are not', () => {
  const refused =
    'ALL BPF CHECKPOINT_RESTORE DAC_READ_SEARCH NET_ADMIN PERFMON SYS_ADMIN SYS_BOOT SYS_MODULE SYS_PTRACE SYS_RAWIO'.split(
      ' ',
    )
  expect([...DANGEROUS_CAPABILITIES].sort()).toEqual(refused)
  for (const name of refused) expect(outcome(ask(capability(name))), name).toEqual(['dangerous-capability'])
  for (const name of ['CHOWN', 'KILL', 'NET_BIND_SERVICE', 'NET_RAW', 'SETUID'])
    expect(outcome(ask(capability(name))), name).toEqual(['admit'])
})

test('a name that sidecars of an earlier injection trust is one that no pod may lead elsewhere', () => {
  const injection = injectionOf({ earlier: [{ broker: 'https://broker.before.example:8444' }] })
  const pod = podWith({ hostAliases: [{ ip: '10.0.0.9', hostnames: ['broker.before.example'] }] })
  expect([outcome(ask(pod, {}, injection)), outcome(ask(pod))]).toEqual([['host-alias'], ['admit']])
})

test('a token of the reserved audience is refused as one in whatever volume of ours it hides', () => {
  const source = { serviceAccountToken: { audience: 'kerbside.io', path: 'token' } }
  for (const name of ['kerbside-client', 'kerbside-run', 'kerbside-mine'])
    expect(outcome(ask(podWith({ volumes: [{ name, projected: { sources: [source] } }] }))), name).toContain(
      'reserved-audience',
    )
})

test('a folder of the node that the operator allows is allowed with all below it, and no sibling of it', () => {
  const injection = injectionOf({ allowedHostPaths: ['/mnt/scratch'] })
  const at = (path: string) => outcome(ask(volume({ hostPath: { path } }), {}, injection))
  expect(at('/mnt/scratch')).toEqual(['admit'])
  expect(at('/mnt/scratch/team')).toEqual(['admit'])
  for (const path of ['/mnt/scratch2', '/mnt', '/', '/mnt/scratch/../../etc', ''])
    expect(at(path)).toEqual(['host-path'])
})

test('an inline volume of a driver that the operator allows is allowed, and of one that is called alike not', () => {
  const injection = injectionOf({ allowedCsiDrivers: ['scratch.example.org'] })
  const of = (driver: string) => outcome(ask(volume({ csi: { driver } }), {}, injection))
  expect(of('scratch.example.org')).toEqual(['admit'])
  for (const driver of ['scratch.example.org2', 'a.scratch.example.org', '']) expect(of(driver)).toEqual(['csi-volume'])
})

test('every reason has an attempt here', () => {
  const elsewhere = [
    'sidecar-missing',
    'sidecar-differs',
    'label-changed',
    'no-policy',
    'internal-error',
    'no-secret-store',
    'port-forward',
  ]
  const tried = new Set<string>([...ATTEMPTS.map(({ reason }) => reason), ...elsewhere])
  expect(Object.keys(ADMISSION_REASONS).filter((reason) => !tried.has(reason))).toEqual([])
  expect(BUNDLE.identities.has('constructor')).toBe(false)
})
