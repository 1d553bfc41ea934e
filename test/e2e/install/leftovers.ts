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

/** Takes away what was applied from the manifests; the namespace stays, as to end one takes long. */
export async function forgetOthers({ kubectl }: Kubernetes): Promise<void> {
  const files = readdirSync(MANIFESTS).filter((file) => /^[1-9]\d.*\.yaml$/.test(file))
  const flags = files.flatMap((file) => ['-f', join(MANIFESTS, file)])
  await kubectl(['delete', '--ignore-not-found', '--wait', ...flags])
}
