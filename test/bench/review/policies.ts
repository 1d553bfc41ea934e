/** The policy that the made records are judged by on the pages, and one of the week before: signed, in an archive. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PolicySources } from '../../../src/review/query/policies-known.ts'
import { archiveOf } from '../../review/archive.ts'
import { CLUSTER, dataset, grant, identity, writePolicy } from '../policy-text.ts'

const TEAMS = 12
const USES = ['research', 'serving', 'etl', 'eval'] as const
const two = (number: number): string => String(number).padStart(2, '0')

export type MadePolicies = { readonly sources: PolicySources; readonly before: string; readonly after: string }

export async function makePolicies(root: string): Promise<MadePolicies> {
  const folders = [TEAMS - 1, TEAMS].map(policyFor)
  const { archive, keysFile, bundles } = await archiveOf(root, folders)
  for (const folder of folders) await rm(folder, { recursive: true })
  const [before = '', after = ''] = bundles.map(({ hash }) => hash)
  return { sources: { policy: join(archive, 'policy-2.jws'), archive, keysFile }, before, after }
}

/** Each team has four datasets, which only the first `readers` teams may read. */
function policyFor(readers: number): string {
  const files = new Map([['cluster.yaml', [CLUSTER]]])
  for (let team = 0; team < TEAMS; team += 1) {
    const name = `team-${two(team)}`
    const sets = [0, 1, 2, 3].map((set) => `dataset-${two(team * 4 + set)}`)
    files.set(`teams/${name}.yaml`, [
      ...USES.map((use) => identity(`${name}-${use}`, name)),
      ...sets.map((set) => dataset(set, name, [`prefixes: [/data/${set}]`])),
      ...(team < readers ? sets : []).map((set) =>
        grant(`${name}-reads-${set}`, 'allow', [`teams: [${name}]`, `datasets: [${set}]`, 'actions: [read]']),
      ),
    ])
  }
  return writePolicy(files)
}
