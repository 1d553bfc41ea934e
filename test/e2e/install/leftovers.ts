/** What an installation leaves in a cluster, and how it is taken away: other tests of the same lab install by other means. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { ROOT } from './helm.ts'

const MANIFESTS = join(ROOT, 'deploy/manifests')
const CLUSTER_WIDE = [
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'clusterroles',
  'clusterrolebindings',
]

/** The objects without a namespace that are ours, as `kind/name`, each with its version. */
export async function ours({ kubectl }: Kubernetes): Promise<readonly string[]> {
  const columns = 'jsonpath={range .items[*]}{.kind}/{.metadata.name}@{.metadata.uid}{"\\n"}{end}'
  const lines = (await kubectl(['get', CLUSTER_WIDE.join(','), '-o', columns])).split('\n')
  return lines.filter((line) => line.includes('kerbside')).sort()
}

const IN_NAMESPACE = [
  ...['deployments', 'replicasets', 'pods', 'services', 'serviceaccounts', 'roles', 'rolebindings', 'leases'],
  ...['poddisruptionbudgets', 'networkpolicies', 'configmaps', 'secrets'],
]
/** What its operator made, and nobody but the operator takes away. */
const OPERATORS = /^(ConfigMap\/kerbside-(policies|injection)|Secret\/kerbside-(login|review-tls))$/

/** The same of one namespace, as `kind/name`. */
export async function oursInNamespace({ kubectl }: Kubernetes, namespace: string): Promise<readonly string[]> {
  const columns = 'jsonpath={range .items[*]}{.kind}/{.metadata.name}{"\\n"}{end}'
  const lines = (await kubectl(['get', IN_NAMESPACE.join(','), '-n', namespace, '-o', columns])).split('\n')
  return lines.filter((line) => line.includes('kerbside') && !OPERATORS.test(line)).sort()
}

/** Takes away what was applied from the manifests; the namespace stays, as to end one takes long. */
export async function forgetOthers({ kubectl }: Kubernetes): Promise<void> {
  const files = readdirSync(MANIFESTS).filter((file) => /^[1-9]\d.*\.yaml$/.test(file))
  const flags = files.flatMap((file) => ['-f', join(MANIFESTS, file)])
  await kubectl(['delete', '--ignore-not-found', '--wait', ...flags])
}
