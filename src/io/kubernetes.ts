/** The connection to the API server: as the pod's own service account, or through a kubeconfig file outside a cluster. */
import { existsSync } from 'node:fs'
import { ApiException, KubeConfig } from '@kubernetes/client-node'
import { KerbsideError } from '../core/errors.ts'

/** Present in every pod with a service account; client-node reads the same file. */
const IN_CLUSTER_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/**
 * @param kubeconfigFile when absent, the service account of the pod that this runs in
 * @throws KerbsideError `io-failed` when there is neither
 */
export function kubernetesConfig(kubeconfigFile?: string): KubeConfig {
  const config = new KubeConfig()
  if (kubeconfigFile === undefined && !existsSync(IN_CLUSTER_TOKEN)) {
    throw new KerbsideError('io-failed', 'this does not run in a pod with a service account', {
      hint: 'outside a cluster give --kubeconfig FILE',
    })
  }
  try {
    if (kubeconfigFile === undefined) config.loadFromCluster()
    else config.loadFromFile(kubeconfigFile)
  } catch (cause) {
    const from = kubeconfigFile === undefined ? 'the service account of the pod' : `\`${kubeconfigFile}\``
    throw new KerbsideError('io-failed', `${from} does not say how to reach the API server`, { cause })
  }
  return config
}

/** The HTTP status that the API server answered with, when that is why a call failed. */
export const apiStatus = (thrown: unknown): number | undefined =>
  thrown instanceof ApiException ? thrown.code : undefined
