/** The tests with real parts, in labs that run side by side: one for what moves much data, one for what waits for many parts. */
import type { PartName } from './lab/part.ts'

export type LabRun = {
  readonly name: string
  readonly parts: readonly PartName[]
  /** Folders of tests; every test of the project `lab` is in exactly one run. */
  readonly folders: readonly string[]
}

export const LAB_RUNS: readonly LabRun[] = [
  {
    name: 'hdfs',
    parts: ['data', 'kms', 'router', 'plain-hdfs', 'hadoop-tests', 'clients', 'kafka', 'collector'],
    folders: ['test/e2e/gateway', 'test/e2e/clients', 'test/e2e/sinks'],
  },
  {
    name: 'cluster',
    parts: [
      'data',
      'openbao',
      'moto',
      'realms',
      'cluster',
      'helm',
      'training-operator',
      'cert-manager',
      'istio',
      'prometheus',
    ],
    folders: [
      'test/e2e/admission',
      'test/e2e/broker',
      'test/e2e/cli',
      'test/e2e/credentials',
      'test/e2e/doctor',
      'test/e2e/faults',
      'test/e2e/monitoring',
      'test/e2e/install',
      'test/lab',
    ],
  },
]
