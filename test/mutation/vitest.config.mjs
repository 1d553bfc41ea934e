/** The tests that each mutant is put to: those of the decision, with fewer generated cases, the same ones each time. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    include: ['test/core/policy/*.test.ts', 'test/core/policy/decision/*.test.ts'],
    setupFiles: ['test/mutation/same-cases.ts'],
    provide: { cases: 1500 },
    testTimeout: 180_000,
  },
})
