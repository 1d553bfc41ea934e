/** Helm, for whoever installs by it: built from source, once per machine. Nothing of it runs by itself. */
import { buildHelm } from '../build/helm.ts'
import type { Part } from '../part.ts'

export const helm: Part = {
  name: 'helm',
  needs: ['kube-apiserver'],
  isOptional: true,
  fetch: buildHelm,
  async start() {},
}
