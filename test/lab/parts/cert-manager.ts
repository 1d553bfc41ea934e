/** cert-manager, for whoever starts it: built from source, once per machine. Nothing of it runs by itself. */
import { buildCertManager } from '../build/cert-manager.ts'
import type { Part } from '../part.ts'

export const certManager: Part = {
  name: 'cert-manager',
  needs: ['kube-apiserver'],
  isOptional: true,
  fetch: buildCertManager,
  async start() {},
}
