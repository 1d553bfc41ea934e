/** What a pod asks for with one label: an admin-owned object that says which team, principal and cluster, and who may use it. */

/** One namespace and the service accounts in it. Names are exact; there is no wildcard. */
export type Workload = {
  readonly namespace: string
  readonly serviceAccounts: readonly string[]
}

export type Identity = {
  readonly name: string
  readonly team: string
  /** `quant@LAB`. */
  readonly principal: string
  /** Name of a HadoopCluster. */
  readonly cluster: string
  /** Path in the secret store that holds `keytab`. */
  readonly secret: string
  /** Home directory, a canonical HDFS path. */
  readonly home: string
  readonly allowedFor: readonly Workload[]
  /** Where it is written: `quant/identity.yaml:3`. */
  readonly at: string
}
