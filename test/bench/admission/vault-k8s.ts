/** vault-k8s as it is shipped: mutation alone, as it validates nothing. */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { vaultK8sBinary } from '../../lab/build/vault-k8s.ts'
import { issue } from '../../lab/certificates.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import type { Lab } from '../../lab/lab.ts'
import { NAMESPACE } from './burst.ts'
import { inPod } from './in-pod.ts'
import { type Injector, startProcess } from './injector.ts'

const HOST = 'hook.lab'
const READY_URL = `https://${HOST}:9443/health/ready`
const PEER = 'vault-agent-injector-cfg'
export async function vaultK8s(lab: Lab): Promise<Injector> {
  const { api, apply, kubectl, namespace } = kubernetes(lab.folder)
  await namespace('vault')
  await apply(PEER_ACCESS)
  const pod = await inPod(lab, { namespace: 'vault', name: 'vault-injector' })
  const { certificate, key } = await issue(lab.folder, { file: 'vault-k8s', commonName: HOST, hosts: [HOST] })
  await apply([peerConfiguration(readFileSync(lab.files.authority).toString('base64'))])
  const env = {
    ...pod.env,
    NAMESPACE: 'vault',
    AGENT_INJECT_LISTEN: `${HOST}:9443`,
    AGENT_INJECT_VAULT_ADDR: 'https://bao.lab:8200',
    AGENT_INJECT_TLS_CERT_FILE: certificate,
    AGENT_INJECT_TLS_KEY_FILE: key,
  }
  return {
    sign: '"name":"vault-agent-init"',
    async start() {
      const running = await startProcess([vaultK8sBinary(lab.folder), 'agent-inject'], { env, readyUrl: READY_URL })
      await untilInjected(async () => (await api(PROBE, { method: 'POST', body: PROBE_POD })).body)
      return running
    },
    async remove() {
      await kubectl(['delete', 'mutatingwebhookconfiguration', PEER])
      pod.leave()
    },
  }
}

const RBAC = 'rbac.authorization.k8s.io'
/** As in its own deploy/injector-rbac.yaml: without it, it serves no certificate. */
const PEER_ACCESS = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'vault-injector', namespace: 'vault' } },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'vault-injector' },
    rules: [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
    ],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'vault-injector' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'vault-injector' },
    subjects: [{ kind: 'ServiceAccount', name: 'vault-injector', namespace: 'vault' }],
  },
]

const PROBE = `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`
const PROBE_POD = {
  metadata: {
    name: 'probe',
    annotations: { 'vault.hashicorp.com/agent-inject': 'true', 'vault.hashicorp.com/role': 'r' },
  },
  spec: { containers: [{ name: 'c', image: 'i' }] },
}

/** Its configuration takes effect a moment after it is stored. */
async function untilInjected(ask: () => Promise<string>): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await wait(100)) {
    if ((await ask()).includes('vault-agent-init')) return
  }
  throw new Error('vault-k8s injects nothing')
}

/** As in its own deploy/injector-mutating-webhook.yaml, but where it runs. */
const peerConfiguration = (caBundle: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: PEER },
  webhooks: [
    {
      name: 'vault.hashicorp.com',
      sideEffects: 'None',
      admissionReviewVersions: ['v1', 'v1beta1'],
      clientConfig: { url: `https://${HOST}:9443/mutate`, caBundle },
      rules: [
        { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' },
      ],
      failurePolicy: 'Ignore',
    },
  ],
})
