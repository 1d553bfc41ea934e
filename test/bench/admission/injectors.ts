/** What pods are created with: nothing, Kerbside as it is installed, vault-k8s as it is shipped. Each starts cold before each round. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { vaultK8sBinary } from '../../lab/build/vault-k8s.ts'
import { issue } from '../../lab/certificates.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import type { Lab } from '../../lab/lab.ts'
import { NAMESPACE } from './burst.ts'

export type Injector = {
  /** What stands in each pod that it injected. */
  readonly sign: string | undefined
  /** Starts one process, with no connection and no compiled code. Resolves when it is ready. */
  start(): Promise<Running>
  remove(): Promise<void>
}

export type Running = {
  readonly readyMs: number
  /** Most of it that was in memory at once since it started. */
  peakMiB(): number
  stop(): Promise<void>
}

const HOST = 'hook.lab'

export const nothing: Injector = {
  sign: undefined,
  start: async () => ({ readyMs: 0, peakMiB: () => 0, stop: async () => {} }),
  remove: async () => {},
}

/** All of it: both webhooks, and the policies of the API server beside them. */
export async function kerbside(lab: Lab): Promise<Injector> {
  // Loaded here: it looks for its lab when it is loaded.
  const { install } = await import('../../e2e/admission/installation.ts')
  const installation = await install()
  await kubernetes(lab.folder).kubectl(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce-'])
  await installation.webhook.stop()
  return {
    sign: '"name":"kerbside-token"',
    async start() {
      const from = performance.now()
      const { pid, stop } = await installation.another(8443)
      return { readyMs: performance.now() - from, peakMiB: () => peakMiB(pid), stop }
    },
    remove: () => installation.uninstall(),
  }
}

const PEER = 'vault-agent-injector-cfg'
/** It knows its API server from here alone; the lab has a `/run` of its own. */
const ACCOUNT_FOLDER = '/run/secrets/kubernetes.io/serviceaccount'

/** Mutation alone, as it ships: it validates nothing. */
export async function vaultK8s(lab: Lab): Promise<Injector> {
  const { api, apply, create, kubectl, namespace } = kubernetes(lab.folder)
  await namespace('vault')
  await apply(PEER_ACCESS)
  const { status } = await create<{ status: { token: string } }>(
    '/api/v1/namespaces/vault/serviceaccounts/vault-injector/token',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  )
  mkdirSync(ACCOUNT_FOLDER, { recursive: true })
  writeFileSync(join(ACCOUNT_FOLDER, 'token'), status.token, { mode: 0o600 })
  writeFileSync(join(ACCOUNT_FOLDER, 'ca.crt'), readFileSync(lab.files.authority))
  const { certificate, key } = await issue(lab.folder, { file: 'vault-k8s', commonName: HOST, hosts: [HOST] })
  await apply([peerConfiguration(readFileSync(lab.files.authority).toString('base64'))])
  const env = {
    KUBERNETES_SERVICE_HOST: 'api.lab',
    KUBERNETES_SERVICE_PORT: '443',
    NAMESPACE: 'vault',
    AGENT_INJECT_LISTEN: `${HOST}:9443`,
    AGENT_INJECT_VAULT_ADDR: 'https://bao.lab:8200',
    AGENT_INJECT_TLS_CERT_FILE: certificate,
    AGENT_INJECT_TLS_KEY_FILE: key,
  }
  return {
    sign: '"name":"vault-agent-init"',
    async start() {
      const from = performance.now()
      const child = spawn(vaultK8sBinary(lab.folder), ['agent-inject'], { env, stdio: 'ignore' })
      while (!(await answers(`https://${HOST}:9443/health/ready`))) {
        if (child.exitCode !== null) throw new Error(`vault-k8s ended with ${child.exitCode}`)
        await wait(20)
      }
      const readyMs = performance.now() - from
      await untilInjected(async () => (await api(PROBE, { method: 'POST', body: PROBE_POD })).body)
      return { readyMs, peakMiB: () => peakMiB(child.pid), stop: () => ended(child) }
    },
    async remove() {
      await kubectl(['delete', 'mutatingwebhookconfiguration', PEER])
      rmSync(ACCOUNT_FOLDER, { recursive: true })
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

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    request(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume()
      resolve((answer.statusCode ?? 500) < 300)
    })
      .on('error', () => resolve(false))
      .end()
  })

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const end = once(child, 'exit')
  child.kill('SIGINT')
  await end
}

/** proc(5), `VmHWM`. */
function peakMiB(pid: number | undefined): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}
