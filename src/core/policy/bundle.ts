/** A whole policy directory, checked and linked: every name resolves, every path is canonical. */
import type { HdfsPath } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import type { Action } from './action.ts'
import type { Timed } from './decision/in-force.ts'
import type { Limits } from './decision/limits.ts'
import type { PodCondition } from './decision/pod-condition.ts'
import type { Labels } from './decision/selector.ts'
import type { Delegation } from './delegation.ts'
import type { Mode, SliceCluster } from './slice.ts'

export type Cluster = SliceCluster & {
  /** For all datasets in it. */
  readonly limits?: Limits
  readonly at: string
}

export type Dataset = {
  readonly name: string
  readonly cluster: string
  readonly prefixes: readonly HdfsPath[]
  readonly owner: string
  readonly labels: Labels
  /** Whether its prefixes may never be deleted, renamed or re-permissioned. */
  readonly protect: boolean
  /** Sub-paths of each prefix for which the same holds: `raw/2026`, without a slash before. */
  readonly protectedPaths: readonly string[]
  readonly limits?: Limits
  readonly at: string
}

export type Grant = Timed & {
  readonly name: string
  readonly mode: Mode
  readonly teams: readonly string[]
  readonly identities: readonly string[]
  /** By name, those that its selector found among them. */
  readonly datasets: readonly string[]
  /** Sub-paths of each prefix, `raw/2026`; none for the whole of it. */
  readonly paths: readonly string[]
  /** Presets already spelled out. */
  readonly actions: readonly Action[]
  readonly pods?: PodCondition
  readonly reason?: string
  readonly ticket?: string
  readonly at: string
}

/** One case of a PolicyTest: an operation as `kerbside policy explain` takes it, and what must come of it. */
export type PolicyCase = {
  readonly identity: string
  readonly operation: string
  readonly path: string
  readonly destination?: string
  /** Of the operation, such as `recursive`. */
  readonly parameters: ReadonlyMap<string, string>
  /** When it happens, milliseconds since the epoch; now if absent. */
  readonly time?: number
  /** Of the pod that asks; not known if absent. */
  readonly namespace?: string
  readonly podLabels?: Labels
  readonly expect: 'allow' | 'deny'
  readonly reason?: string
  readonly at: string
}

export type Bundle = {
  /** `sha256:` and 64 hex digits over the content of all documents, whatever their layout. */
  readonly hash: string
  readonly mode: Mode
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly identities: ReadonlyMap<string, Identity>
  readonly datasets: ReadonlyMap<string, Dataset>
  readonly grants: readonly Grant[]
  readonly delegations: readonly Delegation[]
  readonly tests: readonly PolicyCase[]
}

/** The same policy with less in it. Its hash stays that of the whole, which is only made when it is asked for. */
export const narrowed = (bundle: Bundle, parts: Partial<Pick<Bundle, 'datasets' | 'grants'>>): Bundle => ({
  get hash() {
    return bundle.hash
  },
  mode: bundle.mode,
  clusters: bundle.clusters,
  identities: bundle.identities,
  datasets: bundle.datasets,
  grants: bundle.grants,
  delegations: bundle.delegations,
  tests: bundle.tests,
  ...parts,
})
