/** What `kerbside doctor cluster` looks at, in the order of its screen. */

/** Each with what it is about. */
export const CLUSTER_CHECKS = {
  server: 'the API server, and whether it has what we rest on',
  webhooks: 'when it asks us, and what it does when nobody answers',
  trust: 'whose certificates it takes for ours',
  order: 'who changes a pod after us',
  answer: 'a pod that must be refused, in a dry run',
  guards: 'ValidatingAdmissionPolicies, and their bindings',
  programs: 'Deployments and their disruption budgets',
  policy: 'what the programs are given, and what they have in force',
  rights: 'what our service accounts may do',
} as const satisfies Record<string, string>

export type ClusterCheck = keyof typeof CLUSTER_CHECKS
export const CLUSTER_CHECK_NAMES = Object.keys(CLUSTER_CHECKS) as readonly ClusterCheck[]
