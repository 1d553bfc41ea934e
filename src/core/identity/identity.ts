/** What a pod asks for with one label: an admin-owned object that says which team, principal and cluster, and who may use it. */

import { type Labels, matches, type Selector } from '../policy/decision/selector.ts'

/** Service accounts, by exact name, in the namespaces that one of the three says. */
export type Workload = {
  readonly namespace?: string
  readonly namespaceSelector?: Selector
  readonly anyNamespace?: true
  readonly serviceAccounts: readonly string[]
}

/** Whose pods a namespace holds. Labels that are not known match no selector. */
export type Namespace = {
  readonly name: string
  readonly labels?: Labels
}

/** Settings of the sidecar that differ from those of the injection file. */
export type SidecarSettings = {
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug'
  readonly resources?: {
    readonly requests?: { readonly cpu?: string; readonly memory?: string }
    readonly limits?: { readonly cpu?: string; readonly memory?: string }
  }
}

/** Who asks the secret store: the sidecar itself, or the broker on its behalf. */
export const SECRETS_WAYS = ['sidecar', 'broker'] as const
export type SecretsWay = (typeof SECRETS_WAYS)[number]

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
  /** Lifetime of the service-account token by which the sidecar is known; the injection's own if absent. */
  readonly tokenSeconds?: number
  /** How long its sidecars go by the last slice when no broker is heard; an hour if absent. */
  readonly maxStaleSeconds?: number
  /** How its keytab and the CA of its cluster come to the sidecar; `sidecar` if absent. */
  readonly secretsThrough?: SecretsWay
  readonly sidecar?: SidecarSettings
  /** Where it is written: `quant/identity.yaml:3`. */
  readonly at: string
}

/** Service accounts of a namespace that may use an identity; none when it is not for that namespace at all. */
export const accountsIn = ({ allowedFor }: Identity, namespace: Namespace): readonly string[] =>
  allowedFor.filter((workload) => isIn(workload, namespace)).flatMap(({ serviceAccounts }) => serviceAccounts)

function isIn({ namespace, namespaceSelector, anyNamespace }: Workload, { name, labels }: Namespace): boolean {
  if (anyNamespace === true || namespace === name) return true
  return namespaceSelector !== undefined && labels !== undefined && matches(namespaceSelector, labels)
}
