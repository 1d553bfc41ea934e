/** Bundles written in a few words, for tests: one cluster `lab`, identities `quant-research` and `climate-models`. */
import { type HdfsPath, parsePath } from '../../../src/core/hdfs/path.ts'
import type { Action } from '../../../src/core/policy/action.ts'
import type { Bundle, Cluster, Dataset, Grant } from '../../../src/core/policy/bundle.ts'
import { compile } from '../../../src/core/policy/compile.ts'
import type { Decision } from '../../../src/core/policy/decision/decision.ts'
import type { Demand } from '../../../src/core/policy/decision/demand.ts'
import type { PodContext } from '../../../src/core/policy/decision/pod-condition.ts'
import { type PolicyOver, policyOver } from '../../../src/core/policy/decision/policy-over.ts'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'

export const NOW = Date.parse('2026-06-01T12:00:00Z')

export function hdfs(text: string): HdfsPath {
  const parsed = parsePath(text)
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.path
}

export const clusterOf = (name: string): Cluster => ({
  name,
  nameservice: name,
  nameNodes: [`https://nn1.${name}:9871`],
  dataNodeHosts: [`*.${name}`],
  realm: name.toUpperCase(),
  kdcs: [`kdc.${name}:88`],
  secret: `hdfs/${name}`,
  at: 'cluster.yaml:1',
})

const identityOf = (name: string, team: string) => ({
  name,
  team,
  principal: `${team}@LAB`,
  cluster: 'lab',
  secret: `hdfs/${name}`,
  home: `/team/${team}`,
  allowedFor: [{ namespace: `ml-${team}`, serviceAccounts: ['trainer'] }],
  at: 'identities.yaml:1',
})

type GivenDataset = Partial<Omit<Dataset, 'prefixes'>> & { readonly prefixes: readonly string[] }
type GivenGrant = Partial<Grant> & { readonly datasets: readonly string[]; readonly actions: readonly Action[] }

export function bundleOf(datasets: Readonly<Record<string, GivenDataset>>, grants: readonly GivenGrant[]): Bundle {
  return {
    hash: 'sha256:test',
    mode: 'enforce',
    clusters: new Map(['lab', 'far'].map((name) => [name, clusterOf(name)])),
    identities: new Map(
      [identityOf('quant-research', 'quant'), identityOf('climate-models', 'climate')].map((it) => [it.name, it]),
    ),
    datasets: new Map(
      Object.entries(datasets).map(([name, given]) => [
        name,
        {
          cluster: 'lab',
          owner: 'quant',
          labels: new Map(),
          protect: true,
          protectedPaths: [],
          at: `${name}.yaml:1`,
          ...given,
          name,
          prefixes: given.prefixes.map(hdfs),
        },
      ]),
    ),
    grants: grants.map((given, index) => ({
      name: `grant-${index}`,
      effect: 'allow',
      mode: 'enforce',
      paths: [],
      teams: ['quant'],
      identities: [],
      at: `grants.yaml:${index + 1}`,
      ...given,
    })),
    delegations: [],
    tests: [],
  }
}

/** As the sidecar does it: cut out, sent as a line, read back, made ready. */
export function policyFor(bundle: Bundle, identity = 'quant-research', pod: PodContext = {}): PolicyOver {
  const slice = compile(bundle, identity, pod)
  if (slice === undefined) throw new Error(`no identity ${identity}`)
  return policyOver(readSlice(writeSlice(slice)))
}

/** `ask(policy, 'read /data/x')`, or with `/**` at the end for the subtree. */
export function ask(policy: PolicyOver, demands: string, now: number = NOW): Decision {
  return policy.decide(demands.split(', ').map(demandOf), now)
}

export function demandOf(text: string): Demand {
  const [action = '', path = ''] = text.split(' ')
  const isSubtree = path.endsWith('/**')
  return {
    action: action as Action,
    path: hdfs(isSubtree ? path.slice(0, -3) || '/' : path),
    scope: isSubtree ? 'subtree' : 'this',
  }
}
