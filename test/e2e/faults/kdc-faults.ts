/** Faults of the KDC, made on a real one that no other test uses. */
import { expect } from 'vitest'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const start = (stage: Stage) => stage.kdc.start()
const stop = (stage: Stage) => stage.kdc.stop()
const OWN = { ownKdc: true } as const

export const KDC_FAULTS = {
  'kdc-down': { stage: OWN, breaks: stop, mends: start },
  'kdc-silent': {
    stage: OWN,
    breaks: async (stage) => stage.kdc.freeze(),
    mends: async (stage) => stage.kdc.thaw(),
  },
  'kdc-restarted': {
    stage: OWN,
    async breaks(stage) {
      // Right after a refresh, so that none falls between the two, however slowly it starts.
      await stage.nextLogged((line) => line.includes('ticket acquired'))
      await stop(stage)
      await start(stage)
    },
    async mends(stage) {
      await stage.nextLogged((line) => line.includes('ticket acquired'))
      expect(stage.load.inARow).toBeGreaterThan(0)
    },
  },
} as const satisfies Record<string, Scenario>
