/** The pod that tests of admission begin with. */
import type { JsonObject } from '../../../src/core/identity/json.ts'

/** A pod as the restricted profile wants it, that no node takes: admission is what is looked at. */
export const POD = {
  metadata: { labels: { 'kerbside.io/identity': 'quant-research' } },
  spec: {
    serviceAccountName: 'trainer',
    nodeSelector: { nowhere: 'nowhere' },
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'train',
        image: 'lab/train:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
} as const satisfies JsonObject
