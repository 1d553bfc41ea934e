/** Policy folders for tests: files written where the test says, in a folder that goes when the test ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { formatProblem } from '../../../src/core/policy/language/problem.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'

export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'policies-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) write(folder, name, content)
  return folder
}

export function write(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), content)
}

type Fields = Readonly<Record<string, unknown>>

/** A document in flow style, on one line: JSON is YAML. */
export const document = (kind: string, name: string, spec: Fields): string =>
  `--- ${JSON.stringify({ apiVersion: 'kerbside.io/v1', kind, metadata: { name }, spec })}\n`

export const LAB = document('HadoopCluster', 'lab', {
  nameservice: 'lab',
  nameNodes: ['https://nn1.lab:9871'],
  dataNodeHosts: ['*.lab'],
  realm: 'LAB',
  kdcs: ['kdc.lab:88'],
  secret: 'hdfs/lab',
})
export const identity = (name: string, given: Fields = {}): string =>
  document('Identity', name, {
    team: 'quant',
    cluster: 'lab',
    principal: 'quant@LAB',
    secret: 'hdfs/quant',
    home: '/team/quant',
    allowedFor: [{ namespace: 'ml-quant', serviceAccounts: ['trainer'] }],
    ...given,
  })
export const dataset = (name: string, prefix: string, given: Fields = {}): string =>
  document('Dataset', name, { cluster: 'lab', owner: 'quant', prefixes: [prefix], ...given })
export const grant = (name: string, given: Fields = {}): string =>
  document('Grant', name, { effect: 'allow', teams: ['quant'], datasets: ['market'], actions: ['read'], ...given })

/** A whole policy, in one file. */
export const SMALL = LAB + identity('quant-research') + dataset('market', '/data/market') + grant('reads')

/** Problems of a policy that is whole but for these files. */
export async function problemsOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<readonly string[]> {
  const result = await readPolicyDirectory(folderWith({ 'a/good.yaml': SMALL, ...files }))
  return 'problems' in result ? result.problems.map(formatProblem) : []
}
