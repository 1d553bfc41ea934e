/** The secrets that an identity needs, and where policy says they are: the one list for a sidecar and for the broker. */

/** `path` in the secret store, and one `key` below it. No two have the same key, so that the key alone names one. */
export type WantedSecret = { readonly path: string; readonly key: string }

type Places = {
  readonly secret: string
  readonly cluster: { readonly secret: string; readonly configuration?: string }
}

/** Hadoop's own files, the later of which wins. A cluster may have either, both or none. */
export const CONFIGURATION_KEYS = ['core-site.xml', 'hdfs-site.xml'] as const

export const secretsOf = ({ secret, cluster }: Places): readonly WantedSecret[] => [
  { path: cluster.secret, key: 'ca.pem' },
  { path: secret, key: 'keytab' },
  ...configurationOf(cluster),
]

/** Where a cluster's Hadoop configuration is; nowhere, when policy does not say. */
export const configurationOf = ({ configuration: path }: Places['cluster']): readonly WantedSecret[] =>
  path === undefined ? [] : CONFIGURATION_KEYS.map((key) => ({ path, key }))
