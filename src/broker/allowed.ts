/** Whether policy lets a caller use its identity. Asked again whenever the bundle changes. */
import type { Bundle } from '../core/policy/bundle.ts'
import type { Caller } from './caller.ts'

export function isAllowed(caller: Omit<Caller, 'expiresAt'>, bundle: Bundle): boolean {
  const workloads = bundle.identities.get(caller.identity)?.allowedFor ?? []
  return workloads.some(
    ({ namespace, serviceAccounts }) =>
      namespace === caller.namespace && serviceAccounts.includes(caller.serviceAccount),
  )
}
