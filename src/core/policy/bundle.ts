/** A whole policy directory, checked and linked: every name resolves, every path is canonical. */
import type { HdfsPath } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import type { Action } from './action.ts'
import type { SliceCluster } from './slice.ts'

export type Dataset = {
  readonly name: string
  readonly cluster: string
  readonly prefixes: readonly HdfsPath[]
  readonly owner: string
  readonly labels: ReadonlyMap<string, string>
  readonly protect: boolean
  readonly at: string
}

export type Grant = {
  readonly name: string
  readonly effect: 'allow' | 'deny'
  readonly teams: readonly string[]
  readonly identities: readonly string[]
  readonly datasets: readonly string[]
  /** Presets already spelled out. */
  readonly actions: readonly Action[]
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly reason?: string
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
  readonly expect: 'allow' | 'deny'
  readonly reason?: string
  readonly at: string
}

export type Bundle = {
  /** `sha256:` and 64 hex digits over the content of all documents, whatever their layout. */
  readonly hash: string
  readonly clusters: ReadonlyMap<string, SliceCluster>
  readonly identities: ReadonlyMap<string, Identity>
  readonly datasets: ReadonlyMap<string, Dataset>
  readonly grants: readonly Grant[]
  readonly tests: readonly PolicyCase[]
}
