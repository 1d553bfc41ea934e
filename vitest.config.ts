/**
 * Three projects: `unit` runs anywhere in seconds; `lab` runs inside the lab's namespace, against the real parts;
 * `lifecycle` runs outside it, and makes and ends labs.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/lab/**'],
          // Modules do no work when they are imported, so files may share them: it halves the inner loop.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/e2e/**/*.test.ts', 'test/lab/**/*.test.ts'],
          exclude: ['test/lab/lifecycle.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'lifecycle',
          include: ['test/lab/lifecycle.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
