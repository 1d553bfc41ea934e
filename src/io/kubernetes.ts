/** The way to the API server: as the pod's own service account, or through a kubeconfig file outside a cluster. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent, type RequestOptions } from 'node:https'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { KerbsideError } from '../core/errors.ts'

/** As much of client-node's KubeConfig as is used here. */
export type KubernetesAccess = Pick<KubeConfig, 'applyToHTTPSOptions'> & {
  getCurrentCluster(): { readonly server: string } | null
}

/** What the kubelet sets in every container: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** In every pod that has a service account. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
/** The kubelet renews the token when a fifth of its life is left; client-go reads it as often. */
const REREAD_MS = 60_000

/**
 * client-node reads kubeconfigs, with whatever ways of logging in they name. It takes 80 MB, and longer to load than all else
 * together, so a program in a pod, which needs nothing of that, goes without it.
 * @param kubeconfigFile when absent, the service account of the pod that this runs in
 * @throws KerbsideError `io-failed` when there is neither
 */
export async function kubernetesConfig(
  kubeconfigFile: string | undefined,
  environment: Environment,
): Promise<KubernetesAccess> {
  if (kubeconfigFile === undefined) return podAccess(ACCOUNT, environment)
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    config.loadFromFile(kubeconfigFile)
  } catch (cause) {
    throw new KerbsideError('io-failed', `\`${kubeconfigFile}\` does not say how to reach the API server`, { cause })
  }
  return config
}

/**
 * As the service account whose `token` and `ca.crt` are in a folder, which both may change while this runs.
 * @throws KerbsideError `io-failed` when this is not in a pod
 */
export function podAccess(folder: string, environment: Environment): KubernetesAccess {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment
  if (host === '' || port === '' || !existsSync(join(folder, 'token'))) {
    throw new KerbsideError('io-failed', 'this does not run in a pod with a service account', {
      hint: 'outside a cluster give --kubeconfig FILE',
    })
  }
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
  const agent = new Agent({ keepAlive: true })
  let held: { readonly ca: string; readonly token: string } | undefined
  let readAt = Number.NEGATIVE_INFINITY

  async function read(): Promise<NonNullable<typeof held>> {
    if (held !== undefined && performance.now() - readAt < REREAD_MS) return held
    const [ca, token] = await Promise.all(['ca.crt', 'token'].map((name) => readFile(join(folder, name), 'utf8')))
    held = { ca: ca ?? '', token: (token ?? '').trim() }
    readAt = performance.now()
    return held
  }
  return {
    getCurrentCluster: () => ({ server }),
    async applyToHTTPSOptions(options: RequestOptions) {
      const { ca, token } = await read()
      Object.assign(options, { ca, agent, headers: { ...options.headers, authorization: `Bearer ${token}` } })
    },
  }
}
