/** A Kubernetes that runs pods, whole: resolves when the next pod would be admitted, scheduled, and find its image and its services. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { labFiles } from '../folder.ts'
import { kubernetes } from '../kubernetes.ts'
import { NODE } from '../kubernetes-files.ts'
import type { Part } from '../part.ts'

type Node = { spec: { taints?: unknown[] } }

export const cluster: Part = {
  name: 'cluster',
  needs: ['kubelet', 'kube-controllers', 'images'],
  async fetch() {},
  async start({ folder, daemon, until }) {
    const { get } = kubernetes(folder)
    await daemon({
      name: 'service-names',
      command: [process.execPath, join(import.meta.dirname, '../service-names.ts'), folder.path],
      ready: async () => existsSync(labFiles(folder).serviceHosts),
    })
    // A new node is tainted as not ready until the controllers have seen it ready.
    await until('the node to take pods', async () => {
      const node = await get<Node>(`/api/v1/nodes/${NODE}`)
      return node !== undefined && (node.spec.taints ?? []).length === 0
    })
  },
}
