/** One identity's part of the policy bundle: all that its sidecar needs to decide and to connect, and nothing secret. */
import type { Action } from './action.ts'
import type { GrantRef } from './decision.ts'

/** A grant as it stands in a slice. Times are milliseconds since the epoch; a missing `expiresAt` is no end. */
export type SliceGrant = GrantRef & {
  readonly effect: 'allow' | 'deny'
  readonly actions: readonly Action[]
  readonly expiresAt?: number
}

/**
 * A dataset prefix that matters to this identity: one it has a grant on, or one that lies below such a prefix and cuts
 * it short. `grants` are indexes into {@link Slice.grants}.
 */
export type SlicePrefix = {
  /** Canonical absolute path, `/data/market`. */
  readonly path: string
  readonly dataset: string
  /** Whether it may never be deleted, renamed or re-permissioned through us. */
  readonly protect: boolean
  readonly grants: readonly number[]
}

/** How to reach the identity's HDFS. Certificates come from the secret store, under {@link SliceCluster.secret}. */
export type SliceCluster = {
  readonly name: string
  /** Logical name in `hdfs://NAMESERVICE/…`. */
  readonly nameservice: string
  /** Origins such as `https://nn1.lab:9871`, in no order: the active one is found by asking. */
  readonly nameNodes: readonly string[]
  /** Hosts that a redirect may name: exact, or `*.lab` for any one host below. */
  readonly dataNodeHosts: readonly string[]
  readonly realm: string
  /** `kdc.lab:88`. */
  readonly kdcs: readonly string[]
  /** Path in the secret store that holds `ca.pem`. */
  readonly secret: string
}

export type Slice = {
  readonly format: 1
  /** `sha256:…` of the bundle it was cut from; stands in every audit record. */
  readonly bundle: string
  readonly identity: string
  readonly team: string
  /** `quant@LAB`. */
  readonly principal: string
  /** Path in the secret store that holds `keytab`. */
  readonly secret: string
  /** Home directory answered to GETHOMEDIRECTORY. */
  readonly home: string
  readonly cluster: SliceCluster
  readonly grants: readonly SliceGrant[]
  readonly prefixes: readonly SlicePrefix[]
}
