/** Two projects: `unit` runs anywhere in seconds; `lab` runs inside the lab's namespace, against the real parts. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', 'test/lab/**'] } },
      {
        test: {
          name: 'lab',
          include: ['test/e2e/**/*.test.ts', 'test/lab/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
