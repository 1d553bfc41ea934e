/** A Lease of coordination.k8s.io: of several processes that all see that something is to be done, one does it. */
import { CoordinationV1Api, type KubeConfig, V1MicroTime } from '@kubernetes/client-node'
import { KerbsideError } from '../core/errors.ts'
import { apiStatus } from './kubernetes.ts'

export type LeaseAt = { readonly namespace: string; readonly name: string }

/** What is done under it is done in less, or is made safe in another way: a clock that is ahead takes it too soon. */
const HOLD_SECONDS = 30

/**
 * Does the work if this process gets the Lease, and gives it back. The Lease must be there, as the right to make one cannot
 * be given for a single name.
 * @returns whether the work was done
 * @throws KerbsideError `io-failed` when the Lease cannot be read or taken, and whatever the work throws
 */
export async function underLease(
  config: KubeConfig,
  { at, holder, work }: { readonly at: LeaseAt; readonly holder: string; work(): Promise<void> },
): Promise<boolean> {
  const api = config.makeApiClient(CoordinationV1Api)
  const lease = await api.readNamespacedLease(at).catch((cause: unknown) => fail(at, cause))
  const { holderIdentity = '', renewTime, leaseDurationSeconds = HOLD_SECONDS } = lease.spec ?? {}
  // A Date by its type, and text as the client reads it.
  const renewedAt = renewTime === undefined ? 0 : new Date(String(renewTime)).getTime()
  const isHeld = renewedAt + leaseDurationSeconds * 1000 > Date.now()
  if (isHeld && holderIdentity !== '' && holderIdentity !== holder) return false
  const now = new V1MicroTime()
  const spec = { holderIdentity: holder, leaseDurationSeconds: HOLD_SECONDS, acquireTime: now, renewTime: now }
  // With the version that was read: one of those who read it at the same moment gets it.
  const taken = await api.replaceNamespacedLease({ ...at, body: { ...lease, spec } }).catch((cause: unknown) => {
    if (apiStatus(cause) === 409) return undefined
    return fail(at, cause)
  })
  if (taken === undefined) return false
  try {
    await work()
  } finally {
    const free = { ...spec, holderIdentity: '', leaseDurationSeconds: 1 }
    // Whoever wants it later gets it anyway, once it has run out.
    await api.replaceNamespacedLease({ ...at, body: { ...taken, spec: free } }).catch(() => {})
  }
  return true
}

function fail({ namespace, name }: LeaseAt, cause: unknown): never {
  throw new KerbsideError('io-failed', `the Lease \`${namespace}/${name}\` cannot be taken`, {
    cause,
    hint: apiStatus(cause) === 404 ? 'it is not there: apply deploy/manifests' : 'its Role allows it',
  })
}
