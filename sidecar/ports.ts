/** What the halves of the sidecar (credentials, gateway, audit) ask of each other; `main.ts` joins them. */
import type { AuditRecord, Entry, Owner } from '../src/core/audit/record.ts'
import type { KeptSlice } from '../src/core/policy/kept-slice.ts'

/** Given by credentials, used by the gateway. */
export type DelegationTokens = {
  /**
   * The HDFS delegation token in Hadoop's URL-safe base64 form. Resolves at once when there is one.
   * @throws KerbsideError `not-ready`, or why there is none
   */
  current(): Promise<string>
  /** HDFS said `InvalidToken` for this one: get another, once, however many ask. */
  replace(refused: string): Promise<string>
}

/** Given by audit, used by everyone. */
export type AuditLog = {
  /**
   * Resolves when the record is on disk.
   * @throws KerbsideError `audit-unwritable`: then the operation must not happen
   */
  write(entry: Entry): Promise<AuditRecord>
}

/** Given by the broker's client, used by the gateway: always the newest slice, or why there is none. */
export type CurrentSlice = {
  /** @throws KerbsideError `not-ready` before the first one */
  get(): KeptSlice
  /** Called with each new slice, at once; open streams are decided again. Returns what ends it. */
  onChange(listener: (slice: KeptSlice) => void): () => void
  /** What made the pod, as the broker sees it; for the record. */
  owner?(): Owner | undefined
}

/** Given by credentials, used for the client files: what a cluster's own Hadoop configuration says to clients. */
export type ClusterProperties = {
  /** Name of the cluster in policy, and the path in the secret store that this came from. */
  readonly cluster: string
  readonly configuration: string
  /** Name and value of each; nothing in them is secret. */
  readonly properties: readonly (readonly [string, string])[]
}

/** Trust towards HDFS, from the cluster's secret. */
export type ClusterTrust = { readonly caPem: string }
