/** kubelet: one node, with its pods in the lab's own control group, on version 1 or 2. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS } from '../addresses.ts'
import { buildKubernetes, kubernetesBinary } from '../build/kubernetes.ts'
import { issue } from '../certificates.ts'
import { SOCKET } from '../containerd-config.ts'
import { labFiles } from '../folder.ts'
import { kubernetes } from '../kubernetes.ts'
import { kubernetesFiles, makeIdentity, NODE } from '../kubernetes-files.ts'
import type { LabFolder, Part } from '../part.ts'

type Node = { status: { conditions?: { type: string; status: string }[] } }

export const kubelet: Part = {
  name: 'kubelet',
  needs: ['dns', 'kube-apiserver', 'containerd'],
  fetch: buildKubernetes,
  async start({ folder, daemon }) {
    await Promise.all([
      issue(folder, {
        file: 'kubernetes-kubelet',
        commonName: 'node1.lab',
        hosts: ['node1.lab', NODE, HOSTS['node1.lab']],
      }),
      makeIdentity(folder, 'node'),
    ])
    const state = join(folder.path, 'kubelet')
    mkdirSync(state)
    const config = join(folder.path, 'kubernetes', 'kubelet.json')
    writeFileSync(config, JSON.stringify(configuration(folder, state), null, 1))
    await daemon({
      name: 'kubelet',
      command: [
        kubernetesBinary(folder, 'kubelet'),
        `--config=${config}`,
        `--kubeconfig=${kubernetesFiles(folder).kubeconfig('node')}`,
        `--root-dir=${state}`,
        `--hostname-override=${NODE}`,
        // It refuses loopback addresses, and there is no default route that would tell it another.
        `--node-ip=${HOSTS['node1.lab']}`,
      ],
      ready: async () => isReady(await kubernetes(folder).get<Node>(`/api/v1/nodes/${NODE}`)),
    })
  },
}

function isReady(node: Node | undefined): boolean {
  return node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

function configuration(folder: LabFolder, state: string): unknown {
  const { certificate, key } = kubernetesFiles(folder).kubelet
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: HOSTS['node1.lab'],
    containerRuntimeEndpoint: `unix://${SOCKET}`,
    tlsCertFile: certificate,
    tlsPrivateKeyFile: key,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: labFiles(folder).authority },
    },
    authorization: { mode: 'Webhook' },
    clusterDNS: [HOSTS['dns.lab']],
    clusterDomain: 'cluster.local',
    resolvConf: labFiles(folder).resolvConf,
    // Whatever this machine has: version 1, no controller delegated to us, swap on.
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: folder.cgroup,
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    localStorageCapacityIsolation: false,
    makeIPTablesUtilChains: false,
    podLogsDir: join(state, 'pod-logs'),
    volumePluginDir: join(state, 'volume-plugins'),
    // A disk that happens to be full must neither evict pods nor delete images, which no registry could bring back.
    evictionHard: { 'memory.available': '10Mi', 'nodefs.available': '1Mi', 'imagefs.available': '1Mi' },
    imageGCHighThresholdPercent: 100,
  }
}
