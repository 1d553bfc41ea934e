/** One identity's part of the policy bundle: all that its sidecar needs to decide and to connect, and nothing secret. */
import type { SecretsWay } from '../identity/identity.ts'
import type { TrustedRealm } from '../kerberos/realm-path.ts'
import type { Action } from './action.ts'
import type { GrantRef } from './decision/decision.ts'
import type { Timed } from './decision/in-force.ts'
import type { Limits } from './decision/limits.ts'

/** Whether what it says is done, or only recorded as what would have been. */
export type Mode = 'enforce' | 'shadow'

/** How every program that takes over a policy in shadow as a whole says so in its log. */
export const IN_SHADOW = 'the policy is in shadow as a whole: nothing is refused by it, only recorded'

/** How long a slice counts when nothing is heard from the broker, where the Identity says nothing. */
export const MAX_STALE_SECONDS = 3600
/** The most that an Identity may say. */
export const LONGEST_STALE_SECONDS = 86_400

/** A grant as it stands in a slice. What it asks of pods was settled when the slice was cut. */
export type SliceGrant = GrantRef &
  Timed & {
    readonly mode: Mode
    readonly actions: readonly Action[]
  }

/**
 * A path where something changes for this identity: the prefix of a dataset that it has a grant on, one that lies below
 * such a prefix and cuts it short, or a sub-path inside a dataset at which a grant begins to apply.
 */
export type SlicePlace = {
  /** Canonical absolute path, `/data/market`. No two places have the same one. */
  readonly path: string
  /** Present at a prefix of that dataset, absent at a sub-path. */
  readonly dataset?: string
  /** Whether it may never be deleted, renamed or re-permissioned through us. */
  readonly protect: boolean
  /** Of the dataset, at its prefixes. */
  readonly limits?: Limits
  /** Indexes into {@link Slice.grants}: those that begin to apply here. */
  readonly grants: readonly number[]
}

/** How to reach the identity's HDFS. Certificates come from the secret store, under {@link SliceCluster.secret}. */
export type SliceCluster = {
  readonly name: string
  /** Logical name in `hdfs://NAMESERVICE/…`. */
  readonly nameservice: string
  /** Origins such as `https://nn1.lab:9871`, in no order: the active one is found by asking. */
  readonly nameNodes: readonly string[]
  /** Whether {@link SliceCluster.nameNodes} may have `http:` origins: then the delegation token is in the clear on the network. */
  readonly insecureHttp?: true
  /** Whether its HDFS decodes paths once, so that names with `%41` in them can be told apart. */
  readonly decodesOnce?: true
  /** Hosts that a redirect may name: exact, or `*.lab` for any one host below. */
  readonly dataNodeHosts: readonly string[]
  /** Of the NameNodes. */
  readonly realm: string
  /** `kdc.lab:88`. */
  readonly kdcs: readonly string[]
  /** Other realms whose principals may come here. */
  readonly realms?: readonly TrustedRealm[]
  /** Path in the secret store that holds `ca.pem`. */
  readonly secret: string
  /** Path in the secret store that holds `core-site.xml`, `hdfs-site.xml` or both; without one, jobs get what we write alone. */
  readonly configuration?: string
}

export type Slice = {
  readonly format: 2
  /** In shadow nothing that policy refuses is refused; it is recorded. */
  readonly mode: Mode
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
  /** How long it counts when nothing is heard from the broker; {@link MAX_STALE_SECONDS} if absent. */
  readonly maxStaleSeconds?: number
  /** Who asks the secret store, for the CA of the cluster as for the keytab; `sidecar` if absent. */
  readonly secretsThrough?: SecretsWay
  readonly cluster: SliceCluster
  readonly grants: readonly SliceGrant[]
  readonly places: readonly SlicePlace[]
}
