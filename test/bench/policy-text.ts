/** Policy documents as YAML in the layout that people write them in, for directories that the bench makes up. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Below a fresh temporary folder, whose path it returns. Whoever calls removes it. */
export function writePolicy(files: ReadonlyMap<string, readonly string[]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'))
  for (const [name, documents] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), documents.join('---\n'))
  }
  return folder
}

/** Lines of a `spec`, each with its own further indentation; empty ones are left out. */
export function document(kind: string, name: string, spec: readonly string[]): string {
  const lines = spec.filter((line) => line !== '').map((line) => `  ${line}\n`)
  return `apiVersion: kerbside.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${lines.join('')}`
}

export const CLUSTER = document('HadoopCluster', 'lab', [
  'nameservice: lab',
  'nameNodes: [https://nn1.lab:9871, https://nn2.lab:9871]',
  "dataNodeHosts: ['*.lab']",
  'realm: LAB',
  "kdcs: ['kdc.lab:88']",
  'secret: hdfs/lab',
])

export const identity = (name: string, team: string): string =>
  document('Identity', name, [
    `team: ${team}`,
    'cluster: lab',
    `principal: ${team}@LAB`,
    `secret: hdfs/${name}`,
    `home: /team/${team}`,
    'allowedFor:',
    `  - namespace: ml-${team}`,
    '    serviceAccounts: [trainer]',
  ])

export const dataset = (name: string, owner: string, more: readonly string[]): string =>
  document('Dataset', name, ['cluster: lab', `owner: ${owner}`, ...more])

export const grant = (name: string, effect: 'allow' | 'deny', more: readonly string[]): string =>
  document('Grant', name, [`effect: ${effect}`, ...more])
