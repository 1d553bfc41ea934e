/** The broker in front of the lab's API server: a process with the rights of its service account and no others. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { ask } from '../../broker/in-process.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { api, INJECTION_FILE, kubeconfigOf } from '../admission/installation.ts'

const ROOT = join(import.meta.dirname, '../../..')

export type StandingBroker = {
  readonly url: string
  log(): string
  get(identity: string, token: string): Promise<IncomingMessage>
  /** Its secrets, as a sidecar asks for them. */
  secrets(identity: string, token: string): Promise<IncomingMessage>
  stop(): Promise<void>
}

export type BrokerOptions = {
  /** Whose rights it has. */
  readonly serviceAccount?: string
  readonly policies?: string
  /** More of its command line. */
  readonly args?: readonly string[]
}

/** @param ca PEM of the authority that webhook and broker share */
export async function startBroker(
  ca: string,
  { serviceAccount = 'kerbside-broker', policies = join(ROOT, 'policies'), args: more = [] }: BrokerOptions = {},
): Promise<StandingBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-broker-'))
  const [kubeconfig, injection] = [join(folder, 'kubeconfig'), join(folder, 'injection.yaml')]
  writeFileSync(kubeconfig, JSON.stringify(await kubeconfigOf(serviceAccount)))
  writeFileSync(injection, stringify(INJECTION_FILE))
  const args = [...more, '--policies', policies, '--tls-secret', 'kerbside-ca', '--kubeconfig', kubeconfig]
  args.push('--injection', injection, '--listen', '127.0.0.1', '--port', '0', '--drain-seconds', '0')
  const child = spawn(process.execPath, [join(ROOT, 'src/kerbside.ts'), 'broker', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let port = 0
  const ready = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line)
      const { msg, addresses } = JSON.parse(line)
      if (msg === 'listening') port = addresses[0].port
      if (port > 0 && lines.some((each) => each.includes('policy in force'))) resolve()
    })
  })
  const tokens = new Sweep()
  const shown = (token: string): string => {
    // Not what all tokens begin with; some tests show less than a token.
    if (token.length >= 100) tokens.add('service-account token', token.slice(-64))
    return token
  }
  await Promise.race([ready, once(child, 'exit')])
  if (child.exitCode !== null) throw new Error(`the broker ended: ${lines.join('\n')}`)
  return {
    url: `https://127.0.0.1:${port}`,
    log: () => lines.join('\n'),
    get: (identity, token) => ask({ port, ca, path: `/v1/slices?identity=${identity}`, token: shown(token) }),
    secrets: (identity, token) => ask({ port, ca, path: `/v1/secrets?identity=${identity}`, token: shown(token) }),
    async stop() {
      const end = once(child, 'exit')
      child.kill('SIGTERM')
      await end
      rmSync(folder, { recursive: true })
      const found = tokens.find(lines.join('\n'))
      if (found.length > 0) throw new Error(`a token is in the log of the broker: ${JSON.stringify(found)}`)
    },
  }
}

export type TokenWish = {
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly audiences?: readonly string[]
  readonly boundTo?: { readonly kind: 'Pod' | 'Secret'; readonly name: string; readonly uid?: string }
}

/** May ask for tokens of the reserved audience, as only a kubelet may: the guards let the group `system:nodes` pass. */
const MINTER = { 'impersonate-user': 'token-minter', 'impersonate-group': 'system:nodes' }

export async function allowMinter(): Promise<void> {
  const name = 'token-minter'
  await api.apply([
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
    },
  ])
}

/** A token by the real TokenRequest API. */
export async function tokenFor(wish: TokenWish): Promise<string> {
  const { namespace = 'ml-quant', serviceAccount = 'trainer', audiences = ['kerbside.io'], boundTo } = wish
  const boundObjectRef = boundTo === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', ...boundTo } }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`
  const body = { spec: { audiences, expirationSeconds: 600, ...boundObjectRef } }
  const answer = await api.api(path, { method: 'POST', body, headers: MINTER })
  if (answer.status !== 201) throw new Error(`no token: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body).status.token
}
