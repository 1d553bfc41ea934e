/** The tests that each mutant is put to: those of the decision, with fewer generated cases, the same ones each time. */

import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'

/** Cases that are generated take longest, and are seldom the first to see a change. */
const LAST = /(?:segments|window|decide-twice)\.test\.ts$/

class QuickFirst extends BaseSequencer {
  async sort(tests) {
    return tests.toSorted((one, other) => LAST.test(one.moduleId) - LAST.test(other.moduleId))
  }
}

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    include: ['test/core/policy/*.test.ts', 'test/core/policy/decision/*.test.ts'],
    setupFiles: ['test/mutation/same-cases.ts'],
    sequence: { sequencer: QuickFirst },
    provide: { cases: 1500 },
    testTimeout: 30_000,
  },
})
