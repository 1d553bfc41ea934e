/** Bundles written in a few words, for tests: one cluster `lab`, identities `quant-research` and `climate-models`. */
import { type HdfsPath, parsePath } from '../../../src/core/hdfs/path.ts'
import type { Action } from '../../../src/core/policy/action.ts'
import type { Bundle, Dataset, Grant } from '../../../src/core/policy/bundle.ts'
import { compile } from '../../../src/core/policy/compile.ts'
import { decide } from '../../../src/core/policy/decide.ts'
import type { Decision } from '../../../src/core/policy/decision.ts'
import type { Demand } from '../../../src/core/policy/demand.ts'
import type { SliceCluster } from '../../../src/core/policy/slice.ts'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'
import { buildTrie, type Trie } from '../../../src/core/policy/trie.ts'

export const NOW = Date.parse('2026-06-01T12:00:00Z')

export function hdfs(text: string): HdfsPath {
  const parsed = parsePath(text)
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.path
}

export const clusterOf = (name: string): SliceCluster => ({
  name,
  nameservice: name,
  nameNodes: [`https://nn1.${name}:9871`],
  dataNodeHosts: [`*.${name}`],
  realm: name.toUpperCase(),
  kdcs: [`kdc.${name}:88`],
  secret: `hdfs/${name}`,
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
      teams: ['quant'],
      identities: [],
      at: `grants.yaml:${index + 1}`,
      ...given,
    })),
    tests: [],
  }
}

/** As the sidecar does it: cut out, sent as a line, read back, compiled. */
export function trieFor(bundle: Bundle, identity = 'quant-research'): Trie {
  const slice = compile(bundle, identity)
  if (slice === undefined) throw new Error(`no identity ${identity}`)
  return buildTrie(readSlice(writeSlice(slice)))
}

/** `ask(trie, 'read /data/x')`, or with `/**` at the end for the subtree. */
export function ask(trie: Trie, demands: string, now: number = NOW): Decision {
  return decide(trie, demands.split(', ').map(demandOf), now)
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
