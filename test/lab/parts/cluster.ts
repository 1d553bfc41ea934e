/** A Kubernetes that runs pods, whole: resolves when the next pod would be admitted, scheduled, and find its image. */
import { kubernetes } from '../kubernetes.ts'
import { NODE } from '../kubernetes-files.ts'
import type { Part } from '../part.ts'

type Node = { spec: { taints?: unknown[] } }

export const cluster: Part = {
  name: 'cluster',
  needs: ['kubelet', 'kube-controllers', 'images'],
  async fetch() {},
  async start({ folder, until }) {
    const { get } = kubernetes(folder)
    // A new node is tainted as not ready until the controllers have seen it ready.
    await until('the node to take pods', async () => {
      const node = await get<Node>(`/api/v1/nodes/${NODE}`)
      return node !== undefined && (node.spec.taints ?? []).length === 0
    })
  },
}
