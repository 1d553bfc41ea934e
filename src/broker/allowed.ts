/** Whether policy lets a caller use its identity. Asked again whenever the bundle changes. */
import { accountsIn } from '../core/identity/identity.ts'
import type { Bundle } from '../core/policy/bundle.ts'
import type { Caller } from './caller.ts'

export function isAllowed(caller: Omit<Caller, 'expiresAt'>, bundle: Bundle): boolean {
  const identity = bundle.identities.get(caller.identity)
  if (identity === undefined) return false
  const { namespace: name, namespaceLabels: labels } = caller
  return accountsIn(identity, { name, ...(labels === undefined ? {} : { labels }) }).includes(caller.serviceAccount)
}
