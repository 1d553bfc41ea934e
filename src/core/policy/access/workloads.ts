/** Whose pods may be an identity, one text a service account, so that two policies can be compared. */
import type { Identity, Workload } from '../../identity/identity.ts'
import { formatSelector } from '../decision/selector.ts'

/** `trainer in ml-quant`, `trainer in namespaces with team=quant`, `trainer in any namespace`. */
export function accountsOf({ allowedFor }: Identity): readonly string[] {
  const texts = allowedFor.flatMap((workload) =>
    workload.serviceAccounts.map((account) => `${account} in ${namespacesOf(workload)}`),
  )
  return [...new Set(texts)].sort()
}

function namespacesOf({ namespace, namespaceSelector, anyNamespace }: Workload): string {
  if (anyNamespace === true) return 'any namespace'
  if (namespaceSelector !== undefined) return `namespaces with ${formatSelector(namespaceSelector)}`
  return namespace ?? 'no namespace'
}
