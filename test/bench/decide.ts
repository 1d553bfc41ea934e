/**
 * How long our own decision takes: the workload of the other engines, and the hardest slice there is, one identity that
 * has a grant of its own on every dataset. From a canonical path, as the gateway has it, to the decision it records.
 */
import { rmSync } from 'node:fs'
import { type HdfsPath, parsePath } from '../../src/core/hdfs/path.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { compile } from '../../src/core/policy/compile.ts'
import type { Demand } from '../../src/core/policy/decision/demand.ts'
import { type PolicyOver, policyOver } from '../../src/core/policy/decision/policy-over.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { timed } from '../peers/timed.ts'
import { type PeerFigures, type Rule, type Workload, workload } from '../peers/workload.ts'
import { CLUSTER, dataset, grant, identity, writePolicy } from './policy-text.ts'

const NOW = Date.UTC(2026, 5, 1)

/** One trie a team, as each sidecar has its own; finding the team's counts as well. */
export async function benchKerbside(sizes: readonly number[]): Promise<readonly PeerFigures[]> {
  const figures: PeerFigures[] = []
  for (const datasets of sizes) {
    const work = workload(datasets)
    const grants = work.rules.map(({ team }, index) => grantOn(`read-${index}`, team, [`set-${index}`], 'read'))
    const bundle = await bundleOf(work.rules, grants)
    const policies = new Map<string, PolicyOver>()
    for (const { name, team } of bundle.identities.values()) policies.set(team, policyOver(sliceOf(bundle, name)))
    figures.push(
      timed(work, {
        prepare: ({ team, path }) => ({
          team,
          demands: [{ action: 'read', path: canonical(path), scope: 'this' }] as const,
        }),
        decide: ({ team, demands }) => policies.get(team)?.decide(demands, NOW).effect === 'allow',
      }),
    )
  }
  return figures
}

/** `scope: 'subtree'` asks for the prefixes themselves and all below them. */
export async function benchOneSlice({
  sizes,
  scope,
}: {
  readonly sizes: readonly number[]
  readonly scope: Demand['scope']
}): Promise<readonly PeerFigures[]> {
  const figures: PeerFigures[] = []
  for (const datasets of sizes) {
    const work = oneTeam(workload(datasets), scope)
    const policy = policyOver(await everything({ datasets, perGrant: 1 }))
    figures.push(
      timed(work, {
        prepare: ({ path }) => [{ action: 'read', path: canonical(path), scope }] as const,
        decide: (demands) => policy.decide(demands, NOW).effect === 'allow',
      }),
    )
  }
  return figures
}

export type Everything = {
  readonly datasets: number
  /** So many datasets are named by each grant. */
  readonly perGrant: number
}

/** The slice of an identity with a grant on everything: half of it is to be read, the rest is only for new directories. */
export async function everything({ datasets, perGrant }: Everything): Promise<Slice> {
  const { rules } = workload(datasets)
  const team = 'everything'
  const grants = ['read', 'mkdir'].flatMap((action) => {
    const names = rules.flatMap((_, index) => (isRead(index) === (action === 'read') ? [`set-${index}`] : []))
    return chunked(names, perGrant).map((some, at) => grantOn(`${action}-${at}`, team, some, action))
  })
  return sliceOf(
    await bundleOf(
      rules.map(({ prefix }) => ({ prefix, team })),
      grants,
    ),
    `${team}-jobs`,
  )
}

const isRead = (index: number): boolean => index % 2 === 0

/** The same paths, of which that team may read every other prefix. */
function oneTeam({ rules, requests }: Workload, scope: Demand['scope']): Workload {
  const readable = new Map(rules.map(({ prefix }, index) => [prefix, isRead(index)]))
  const prefixOf = (path: string): string => {
    const parent = path.slice(0, path.lastIndexOf('/'))
    return readable.has(parent) ? parent : parent.slice(0, parent.lastIndexOf('/'))
  }
  return {
    rules,
    requests: (from, count) =>
      requests(from, count).map(({ team, path }) => {
        const prefix = prefixOf(path)
        const asked = scope === 'this' ? path : Buffer.from(prefix).toString('latin1')
        return { team, path: asked, allowed: readable.get(prefix) === true }
      }),
  }
}

async function bundleOf(rules: readonly Rule[], grants: readonly string[]): Promise<Bundle> {
  const teams = [...new Set(rules.map(({ team }) => team))]
  const datasets = rules.map(({ prefix, team }, index) => dataset(`set-${index}`, team, [`prefixes: [${prefix}]`]))
  const inFiles = (name: string, documents: readonly string[]) =>
    chunked(documents, MOST_PER_FILE).map((some, at) => [`${name}-${at}.yaml`, some] as const)
  const folder = writePolicy(
    new Map([
      ['cluster.yaml', [CLUSTER]],
      ['identities.yaml', teams.map((team) => identity(`${team}-jobs`, team))],
      ...inFiles('datasets', datasets),
      ...inFiles('grants', grants),
    ]),
  )
  try {
    const result = await readPolicyDirectory(folder)
    if ('bundle' in result) return result.bundle
    throw new Error(`the policy is not valid: ${JSON.stringify(result.problems[0])}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const grantOn = (name: string, team: string, datasets: readonly string[], action: string): string =>
  grant(name, 'allow', [`teams: [${team}]`, `datasets: [${datasets.join(', ')}]`, `actions: [${action}]`])

/** A policy file may not be of any size. */
const MOST_PER_FILE = 1000

const chunked = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))

function sliceOf(bundle: Bundle, name: string): Slice {
  const slice = compile(bundle, name)
  if (slice === undefined) throw new Error(`there is no identity \`${name}\``)
  return slice
}

function canonical(text: string): HdfsPath {
  const parsed = parsePath(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.path
}
