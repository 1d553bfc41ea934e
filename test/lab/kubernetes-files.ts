/** Where the files of the lab's Kubernetes lie, and who has a client certificate there. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issue } from './certificates.ts'
import { labFiles } from './folder.ts'
import type { LabFolder } from './part.ts'

export const API_URL = 'https://api.lab'
export const NODE = 'node1'

/** To Kubernetes the common name is the user and the organization the group. */
export const IDENTITIES = {
  admin: { commonName: 'lab-admin', organization: 'system:masters' },
  /** The API server towards the kubelet: logs, exec, attach and port-forward. */
  'kubelet-client': { commonName: 'kube-apiserver', organization: 'system:masters' },
  'controller-manager': { commonName: 'system:kube-controller-manager' },
  scheduler: { commonName: 'system:kube-scheduler' },
  node: { commonName: `system:node:${NODE}`, organization: 'system:nodes' },
} as const satisfies Record<string, { commonName: string; organization?: string }>

export type IdentityName = keyof typeof IDENTITIES

type Folder = Pick<LabFolder, 'path'>

export function kubernetesFiles(folder: Folder) {
  const at = (...names: string[]) => join(folder.path, 'kubernetes', ...names)
  const tls = (name: string) => ({
    certificate: join(folder.path, 'tls', `kubernetes-${name}.pem`),
    key: join(folder.path, 'tls', `kubernetes-${name}.key`),
  })
  return {
    folder: at(),
    /** A client certificate of one of {@link IDENTITIES}, and the kubeconfig that names it. */
    identity: (name: IdentityName) => tls(name),
    kubeconfig: (name: IdentityName) => at(`${name}.kubeconfig`),
    /** Server certificates. */
    apiServer: tls('api'),
    kubelet: tls('kubelet'),
    serviceAccounts: { publicKey: at('service-accounts.pub'), privateKey: at('service-accounts.key') },
    kubectlCache: at('kubectl-cache'),
  }
}

/** Signs the certificate of an identity and writes the kubeconfig that uses it. */
export async function makeIdentity(folder: Folder, name: IdentityName): Promise<void> {
  const files = kubernetesFiles(folder)
  const { certificate, key } = await issue(folder, { file: `kubernetes-${name}`, ...IDENTITIES[name] })
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: API_URL, 'certificate-authority': labFiles(folder).authority } }],
    users: [{ name, user: { 'client-certificate': certificate, 'client-key': key } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: name } }],
    'current-context': 'lab',
  }
  mkdirSync(files.folder, { recursive: true })
  writeFileSync(files.kubeconfig(name), JSON.stringify(config, null, 1), { mode: 0o600 })
}
