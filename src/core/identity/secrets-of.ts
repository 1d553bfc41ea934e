/** The secrets that an identity needs, and where policy says they are: the one list for a sidecar and for the broker. */

/** `path` in the secret store, and one `key` below it. No two have the same key, so that the key alone names one. */
export type WantedSecret = { readonly path: string; readonly key: string }

type Places = { readonly secret: string; readonly cluster: { readonly secret: string } }

export const secretsOf = ({ secret, cluster }: Places): readonly WantedSecret[] => [
  { path: cluster.secret, key: 'ca.pem' },
  { path: secret, key: 'keytab' },
]
