/** Every row of the table of faults, on the real parts, with a job at work: what the job sees, what stands in `/readyz` and the log, and that all heals without a restart. */
import { describe, test } from 'vitest'
import { FAULTS, type FaultName } from './faults-table.ts'
import { KDC_FAULTS } from './kdc-faults.ts'
import { KEYTAB_FAULTS } from './keytab-faults.ts'
import { play, type Scenario } from './scenario.ts'

const TIMEOUT = { timeout: 600_000 }

/** Made on parts that a test has for itself, so that several are played at once. */
const OWN = { ...KDC_FAULTS, ...KEYTAB_FAULTS } as const satisfies Partial<Record<FaultName, Scenario>>

describe.concurrent('a fault of a part of its own', () => {
  for (const [name, scenario] of Object.entries<Scenario>(OWN)) {
    const row = FAULTS[name as keyof typeof OWN]
    test(row.fault, TIMEOUT, () => play(name, row, scenario))
  }
})
