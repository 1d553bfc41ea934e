/** kube-controller-manager and kube-scheduler: Jobs get pods, namespaces get service accounts, pods get the node. */
import { buildKubernetes, kubernetesBinary } from '../build/kubernetes.ts'
import { labFiles } from '../folder.ts'
import { kubernetes } from '../kubernetes.ts'
import { kubernetesFiles, makeIdentity } from '../kubernetes-files.ts'
import type { Part } from '../part.ts'

/** Those that want a cloud, or hand out pod networks: the CNI plugin does that here. */
const OFF = ['nodeipam', 'cloud-node-lifecycle', 'service-lb-controller', 'node-route-controller']

export const kubeControllers: Part = {
  name: 'kube-controllers',
  needs: ['kube-apiserver'],
  fetch: buildKubernetes,
  async start({ folder, daemon }) {
    await Promise.all([makeIdentity(folder, 'controller-manager'), makeIdentity(folder, 'scheduler')])
    const files = kubernetesFiles(folder)
    const alone = ['--leader-elect=false', '--secure-port=0']
    await Promise.all([
      daemon({
        name: 'kube-controller-manager',
        command: [
          kubernetesBinary(folder, 'kube-controller-manager'),
          ...alone,
          `--kubeconfig=${files.kubeconfig('controller-manager')}`,
          `--service-account-private-key-file=${files.serviceAccounts.privateKey}`,
          `--root-ca-file=${labFiles(folder).authority}`,
          '--use-service-account-credentials',
          // Each controller first asks for a token of its own: at the usual pace of 20 requests a second that takes seconds.
          '--kube-api-qps=1000',
          '--kube-api-burst=1000',
          `--controllers=*,${OFF.map((name) => `-${name}`).join(',')}`,
        ],
        // What it does first, and what every pod of that namespace needs.
        ready: async () =>
          (await kubernetes(folder).get('/api/v1/namespaces/default/serviceaccounts/default')) !== undefined,
      }),
      daemon({
        name: 'kube-scheduler',
        command: [
          kubernetesBinary(folder, 'kube-scheduler'),
          ...alone,
          `--kubeconfig=${files.kubeconfig('scheduler')}`,
        ],
      }),
    ])
  },
}
