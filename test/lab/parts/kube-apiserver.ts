/** kube-apiserver, with the authorizers and admission of a real cluster, and the lab's authority for everyone. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { HOSTS, SERVICE_NETWORK } from '../addresses.ts'
import { buildKubernetes, kubernetesBinary } from '../build/kubernetes.ts'
import { issue } from '../certificates.ts'
import { labFiles } from '../folder.ts'
import { kubernetes } from '../kubernetes.ts'
import { kubernetesFiles, makeIdentity } from '../kubernetes-files.ts'
import type { LabFolder, Part } from '../part.ts'
import { ETCD_URL } from './etcd.ts'

export const ISSUER = 'https://kubernetes.default.svc'

export const kubeApiserver: Part = {
  name: 'kube-apiserver',
  needs: ['etcd'],
  fetch: buildKubernetes,
  async start({ folder, daemon }) {
    mkdirSync(kubernetesFiles(folder).folder, { recursive: true })
    writeServiceAccountKeys(folder)
    const hosts = ['api.lab', HOSTS['api.lab'], 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc']
    await Promise.all([
      issue(folder, { file: 'kubernetes-api', commonName: 'api.lab', hosts }),
      makeIdentity(folder, 'admin'),
      makeIdentity(folder, 'kubelet-client'),
    ])
    await daemon({
      name: 'kube-apiserver',
      command: [kubernetesBinary(folder, 'kube-apiserver'), ...flags(folder)],
      ready: async () => (await kubernetes(folder).api('/readyz')).status === 200,
    })
  },
}

function flags(folder: LabFolder): string[] {
  const files = kubernetesFiles(folder)
  const { authority } = labFiles(folder)
  const kubeletClient = files.identity('kubelet-client')
  const values: Record<string, string> = {
    'etcd-servers': ETCD_URL,
    'bind-address': HOSTS['api.lab'],
    'secure-port': '443',
    'advertise-address': HOSTS['api.lab'],
    'service-cluster-ip-range': SERVICE_NETWORK,
    'authorization-mode': 'Node,RBAC',
    // As clusters have it: whether a pod may be privileged is for admission to say.
    'allow-privileged': 'true',
    'enable-admission-plugins': 'NodeRestriction',
    'client-ca-file': authority,
    'tls-cert-file': files.apiServer.certificate,
    'tls-private-key-file': files.apiServer.key,
    'service-account-issuer': ISSUER,
    'service-account-key-file': files.serviceAccounts.publicKey,
    'service-account-signing-key-file': files.serviceAccounts.privateKey,
    // Logs, exec, attach and port-forward.
    'kubelet-client-certificate': kubeletClient.certificate,
    'kubelet-client-key': kubeletClient.key,
    'kubelet-certificate-authority': authority,
    'kubelet-preferred-address-types': 'InternalIP',
    // Reaches a webhook behind a Service by its pod's address: there is no kube-proxy.
    'enable-aggregator-routing': 'true',
    'endpoint-reconciler-type': 'none',
  }
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`)
}

function writeServiceAccountKeys(folder: LabFolder): void {
  const { publicKey, privateKey } = kubernetesFiles(folder).serviceAccounts
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(privateKey, pair.privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
}
