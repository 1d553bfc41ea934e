/** Istio's control plane, for whoever starts it: built from source, once per machine. Nothing of it runs by itself. */
import { buildIstio } from '../build/istio.ts'
import type { Part } from '../part.ts'

export const istio: Part = {
  name: 'istio',
  needs: ['helm'],
  isOptional: true,
  fetch: buildIstio,
  async start() {},
}
