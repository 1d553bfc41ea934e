/**
 * Five projects: `unit` is the inner loop; `laws` puts generated cases by the thousand, and files that are watched or broken
 * bit by bit; `programs` starts our programs as processes; `lab` runs inside the lab's namespace, against the real parts;
 * `lifecycle` runs outside it: makes and ends labs, and fetches peers and shells.
 */
import { defineConfig } from 'vitest/config'

const PROGRAMS = [
  'test/broker/audit-delivery.test.ts',
  'test/broker/program.test.ts',
  'test/broker/signed-policy.test.ts',
  'test/export/program.test.ts',
  'test/cli/doctor/asked.test.ts',
  'test/cli/doctor/doctor.test.ts',
  'test/sidecar/main.test.ts',
  'test/io/audit/log.test.ts',
  'test/io/audit/log-recovered.test.ts',
  'test/sidecar/gateway/hostile.test.ts',
  'test/sidecar/credentials/acquire.test.ts',
]
/** Each takes seconds by itself. */
const LAWS = [
  'test/cli/audit-damage.test.ts',
  'test/cli/audit-verify.test.ts',
  'test/cli/policy-check-lint.test.ts',
  'test/core/policy/access/*.test.ts',
  'test/core/policy/authorship/gains.test.ts',
  'test/core/policy/decision/decide-twice.test.ts',
  'test/core/policy/lint/needless.test.ts',
  'test/core/policy/unused/unused.test.ts',
  'test/io/audit/lines.test.ts',
  'test/io/policy/bundle-watch.test.ts',
  'test/io/policy/directory.test.ts',
  'test/io/policy/patch.test.ts',
  'test/io/policy/yaml-plain.test.ts',
  'test/io/policy/yaml-twice.test.ts',
  'test/review/query/*.test.ts',
  'test/webhook/fuzzed-reviews.test.ts',
]
const LIFECYCLE = [
  'test/browser/*.test.ts',
  'test/lab/lifecycle.test.ts',
  'test/core/hadoop/hadoop-itself.test.ts',
  'test/core/kerberos/libkrb5-itself.test.ts',
  'test/core/policy/ranger/differential.test.ts',
  'test/cli/completion-shells.test.ts',
  'test/deploy/image/contents.test.ts',
  'test/deploy/monitoring/rules.test.ts',
]

/** What is waited for may take long on a machine that does much else; what never comes is told all the same. */
const PATIENT = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } } as const
// Modules do no work when they are imported, so files may share them: it halves the inner loop.
const SHARED = { ...PATIENT, isolate: false, maxWorkers: '100%' } as const

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...SHARED,
          name: 'unit',
          pool: 'threads',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/lab/**', ...LAWS, ...PROGRAMS, ...LIFECYCLE],
        },
      },
      { test: { ...SHARED, name: 'laws', pool: 'threads', include: LAWS } },
      { test: { ...SHARED, name: 'programs', include: PROGRAMS } },
      {
        test: {
          name: 'lab',
          globalSetup: 'test/sweep/of-lab.ts',
          include: ['test/e2e/**/*.test.ts', 'test/lab/**/*.test.ts'],
          exclude: LIFECYCLE,
          ...PATIENT,
          fileParallelism: false,
        },
      },
      { test: { ...PATIENT, name: 'lifecycle', include: LIFECYCLE } },
    ],
  },
})
