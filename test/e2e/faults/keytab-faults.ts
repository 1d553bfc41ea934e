/** Faults of the keytab in the store: gone, somebody else's, or of another age than the key at the KDC. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { inOpenbao } from './in-openbao.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const put = (stage: Stage, keytab: Uint8Array) => stage.world.put(`${stage.secretPath}/keytab`, keytab)
const putPresent = async (stage: Stage) => put(stage, await stage.keytab())

/** Passwords, since random keys cannot be had before they are in force. */
const [OLD, NEW] = ['the key as it was', 'the key as it will be']

export const KEYTAB_FAULTS = {
  'keytab-deleted': {
    breaks: async (stage) => rmSync(join(stage.world.store.storeMount, stage.secretPath, 'keytab')),
    mends: putPresent,
  },
  'keytab-of-another': {
    breaks: async (stage) => put(stage, await stage.keytab('climate')),
    mends: putPresent,
  },
  'rotated-kdc-first': inOpenbao({
    breaks: (_, { world, principal }) => world.kadmin(`cpw -randkey ${principal}`),
    async meanwhile(stage) {
      expect((await stage.standing()).join('\n')).toContain('write the keytab anew and put it into the secret store')
    },
    mends: async (place, stage) => place.putKeytab(await stage.keytab()),
  }),
  'rotated-store-first': inOpenbao({
    // A key that was refused three times is held back for a quarter of an hour, so it is mended soon.
    requests: 1,
    begins: ({ world, principal }) => world.kadmin(`cpw -pw "${OLD}" ${principal}`),
    async breaks(place, stage) {
      const { world, principal } = stage
      await world.kadmin(`cpw -pw "${NEW}" ${principal}`)
      await place.putKeytab(await stage.keytab())
      // Back to what the KDC had; the number goes on, the key is the one of before.
      await world.kadmin(`cpw -pw "${OLD}" ${principal}`)
    },
    mends: (_, { world, principal }) => world.kadmin(`cpw -pw "${NEW}" ${principal}`),
  }),
} as const satisfies Record<string, Scenario>
