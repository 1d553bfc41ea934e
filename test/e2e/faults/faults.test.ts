/** Every row of the table of faults, on the real parts, with a job at work: what the job sees, what stands in `/readyz` and the log, and that all heals without a restart. */
import { afterAll, afterEach, beforeAll, describe, test, vi } from 'vitest'
import { CLOCK_FAULTS } from './clock-faults.ts'
import { FAULTS, type FaultName } from './faults-table.ts'
import { HDFS_FAULTS, restoreNameNodes } from './hdfs-faults.ts'
import { HOST_FAULTS } from './host-faults.ts'
import { KDC_FAULTS } from './kdc-faults.ts'
import { KEYTAB_FAULTS } from './keytab-faults.ts'
import { play, type Scenario } from './scenario.ts'
import { ship, unship } from './shipped.ts'
import { SIEGE_FAULTS } from './siege-faults.ts'
import { STORE_FAULTS } from './store-faults.ts'

const TIMEOUT = { timeout: 900_000 }

const { 'rotated-store-first': mendedSoon, ...KEYTAB } = KEYTAB_FAULTS

/** Made on parts that a test has for itself, so that all are played at once: each waits for most of its time. */
const OWN = {
  ...KDC_FAULTS,
  ...KEYTAB,
  ...CLOCK_FAULTS,
  ...HOST_FAULTS,
  ...SIEGE_FAULTS,
  ...STORE_FAULTS,
} as const satisfies Partial<Record<FaultName, Scenario>>

/** Made on what all share, or mended within seconds, which a busy machine would not allow. */
const ALONE = { ...HDFS_FAULTS, 'rotated-store-first': mendedSoon } as const satisfies Partial<
  Record<FaultName, Scenario>
>

vi.setConfig({ maxConcurrency: Object.keys(OWN).length })
beforeAll(ship, TIMEOUT.timeout)
afterAll(unship)

describe.concurrent('a fault of a part of its own', () => {
  for (const [name, scenario] of Object.entries<Scenario>(OWN)) {
    const row = FAULTS[name as keyof typeof OWN]
    test(row.fault, TIMEOUT, () => play(name, row, scenario))
  }
})

describe('a fault that is played alone', () => {
  afterEach(restoreNameNodes)
  for (const [name, scenario] of Object.entries<Scenario>(ALONE)) {
    const row = FAULTS[name as keyof typeof ALONE]
    test(row.fault, TIMEOUT, () => play(name, row, scenario))
  }
})
