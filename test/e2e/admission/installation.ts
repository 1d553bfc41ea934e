/**
 * Kerbside's admission as deploy/manifests installs it, in front of the lab's API server. The webhook runs as a process
 * here and not as a pod, with the rights of its service account and no others; that is all that differs.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseAllDocuments, stringify } from 'yaml'
import { type JsonObject, objectAt, objectsAt, textAt } from '../../../src/core/identity/json.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { API_URL } from '../../lab/kubernetes-files.ts'
import { attach } from '../../lab/lab.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MANIFESTS = join(ROOT, 'deploy/manifests')
const HOOK = 'hook.lab'
/** Deployments and their Services need images; what is about admission does not. */
const CLUSTER_WIDE = ['50-admission.yaml', '60-guards.yaml']
const INSTALLED = ['00-namespace.yaml', '10-access.yaml', ...CLUSTER_WIDE]
const TENANT_NAMESPACES = ['ml-quant', 'ml-climate']

export const TENANT = 'tenant@example.org'
export const INJECTION_FILE = {
  image: 'kerbside:dev',
  broker: 'https://kerbside-broker.kerbside.svc:8444',
  store: 'openbao',
  storeUrl: 'https://bao.lab:8200',
  storeRole: '{identity}',
}

const found = attach()
if (found === undefined) throw new Error('this runs inside a lab')
export const lab = found
export const api = kubernetes(lab.folder)

export type Installation = {
  /** PEM of the authority that the webhook made. */
  readonly ca: string
  readonly webhook: Webhook
  /** Starts one more webhook at another port of the same host, maybe with more flags, and resolves when it is ready. */
  another(port: number, more?: readonly string[]): Promise<Webhook>
  uninstall(): Promise<void>
}

export type Webhook = { readonly pid: number | undefined; readonly log: () => string; stop(): Promise<void> }

/** Resolves when the webhook is ready and every policy is in force. */
export async function install(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-e2e-'))
  await api.apply(readManifests(INSTALLED))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(await kubeconfigOf('kerbside-webhook')))
  writeFileSync(join(folder, 'injection.yaml'), stringify(INJECTION_FILE))
  const start = (port: number, more: readonly string[] = []) =>
    startWebhook(port, ['--kubeconfig', kubeconfig, '--injection', join(folder, 'injection.yaml'), ...more])
  const webhook = await start(8443)
  const { data } = (await api.get<{ data: Record<string, string> }>(
    '/api/v1/namespaces/kerbside/secrets/kerbside-ca',
  )) ?? { data: {} }
  await Promise.all(TENANT_NAMESPACES.map(tenantNamespace))
  await inForce()
  return {
    webhook,
    ca: Buffer.from(data['ca.crt'] ?? '', 'base64').toString(),
    another: start,
    async uninstall() {
      await webhook.stop()
      rmSync(folder, { recursive: true })
      // Namespaces stay: to end one takes longer than all of these tests. What concerns other tests goes.
      for (const namespace of TENANT_NAMESPACES) {
        await api.kubectl(['delete', 'jobs,pods', '--all', '-n', namespace, '--wait=false'])
      }
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: readManifests(CLUSTER_WIDE) })
      await api.kubectl(['delete', '--ignore-not-found', '-f', '-'], { input })
      await until('the policies to be gone', async () => (await reservedTokenRequest()) === 201)
    },
  }
}

/** The documents, with the webhook where it runs instead of behind its Service. */
export function readManifests(files: readonly string[]): JsonObject[] {
  const missing = files.filter((file) => !readdirSync(MANIFESTS).includes(file))
  if (missing.length > 0) throw new Error(`no ${missing.join(', ')} in deploy/manifests`)
  return files
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8')).map((document) => document.toJS() as JsonObject),
    )
    .map((document) => {
      if (document['webhooks'] === undefined) return document
      const webhooks = objectsAt(document, 'webhooks').map((webhook) => {
        const path = textAt(objectAt(objectAt(webhook, 'clientConfig'), 'service'), 'path')
        return { ...webhook, clientConfig: { url: `https://${HOOK}:8443${path}` } }
      })
      return { ...document, webhooks }
    })
}

export async function kubeconfigOf(serviceAccount: string): Promise<object> {
  const token = await api.create<{ status: { token: string } }>(
    `/api/v1/namespaces/kerbside/serviceaccounts/${serviceAccount}/token`,
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  )
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: API_URL, 'certificate-authority': lab.files.authority } }],
    users: [{ name: serviceAccount, user: { token: token.status.token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: serviceAccount } }],
    'current-context': 'lab',
  }
}

async function startWebhook(port: number, args: readonly string[]): Promise<Webhook> {
  const fixed = [
    '--policies',
    join(ROOT, 'policies'),
    ...(args.includes('--tls-files') ? [] : ['--tls-secret', 'kerbside-ca']),
    '--name',
    HOOK,
    '--drain-seconds',
    '0',
  ]
  const words = [join(ROOT, 'src/kerbside.ts'), 'webhook', ...fixed, '--listen', HOOK, '--port', String(port), ...args]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text))
  await until(`the webhook on port ${port} to be ready`, async () => {
    if (child.exitCode !== null) throw new Error(`the webhook ended: ${log}`)
    // Its CA is only known once it runs; that the API server verifies it is what the tests show.
    return (await insecureGet(`https://${HOOK}:${port}/readyz`)) === 200
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${log}`)
  })
  return { pid: child.pid, log: () => log, stop: () => ended(child) }
}

export async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const end = once(child, 'exit')
  child.kill(signal)
  await end
}

/** A namespace whose tenant holds the stock role `edit`: he may create pods, ask for tokens, enter containers. */
async function tenantNamespace(name: string): Promise<void> {
  await api.namespace(name, { 'pod-security.kubernetes.io/enforce': 'restricted' })
  const metadata = { name: 'tenant', namespace: name }
  await api.apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'trainer', namespace: name } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: TENANT }],
    },
  ])
}

/** Policies and webhooks take effect a moment after they are stored. */
async function inForce(): Promise<void> {
  await until('the policies to be in force', async () => (await reservedTokenRequest()) !== 201)
  const labelled = {
    metadata: { name: 'probe', labels: { 'kerbside.io/identity': 'none' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  }
  await until('the webhook to be asked', async () => {
    const { body } = await api.api('/api/v1/namespaces/ml-quant/pods?dryRun=All', { method: 'POST', body: labelled })
    return body.includes('[unknown-identity]')
  })
}

async function reservedTokenRequest(): Promise<number> {
  const body = { spec: { audiences: ['kerbside.io'] } }
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token'
  return (await api.api(path, { method: 'POST', body })).status
}

export async function until(what: string, done: () => Promise<boolean>, seconds = 90): Promise<void> {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; await wait(100)) {
    if (await done()) return
  }
  throw new Error(`waited ${seconds} s for ${what}`)
}

async function insecureGet(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    request(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', () => resolve(undefined))
      .end()
  })
}
