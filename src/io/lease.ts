/** A Lease of coordination.k8s.io: of several processes that all see that something is to be done, one does it. */
import { KerbsideError } from '../core/errors.ts'
import { type ApiAnswer, apiRequest, UNHURRIED_MS as withinMs } from './api-server-request.ts'
import type { KubernetesAccess } from './kubernetes.ts'

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
  config: KubernetesAccess,
  { at, holder, work }: { readonly at: LeaseAt; readonly holder: string; work(): Promise<void> },
): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${at.namespace}/leases/${at.name}`
  const put = (body: object) => apiRequest(config, { method: 'PUT', path, body, withinMs })
  const read = await apiRequest(config, { method: 'GET', path, withinMs })
  if (read.status !== 200) throw failed(at, read)
  const lease = Object(read.body)
  const { holderIdentity = '', renewTime, leaseDurationSeconds = HOLD_SECONDS } = Object(lease.spec)
  const renewedAt = renewTime === undefined ? 0 : new Date(String(renewTime)).getTime()
  const isHeld = renewedAt + leaseDurationSeconds * 1000 > Date.now()
  if (isHeld && holderIdentity !== '' && holderIdentity !== holder) return false
  const now = microTime(Date.now())
  const spec = { holderIdentity: holder, leaseDurationSeconds: HOLD_SECONDS, acquireTime: now, renewTime: now }
  // With the version that was read: one of those who read it at the same moment gets it.
  const taken = await put({ ...lease, spec })
  if (taken.status === 409) return false
  if (taken.status !== 200) throw failed(at, taken)
  try {
    await work()
  } finally {
    const free = { ...spec, holderIdentity: '', leaseDurationSeconds: 1 }
    // Whoever wants it later gets it anyway, once it has run out.
    await put({ ...Object(taken.body), spec: free }).catch(() => {})
  }
  return true
}

/** As MicroTime is written (k8s.io/apimachinery, meta/v1): with six digits behind the second. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace(/Z$/, '000Z')

const failed = ({ namespace, name }: LeaseAt, { status }: ApiAnswer) =>
  new KerbsideError(
    'io-failed',
    `the Lease \`${namespace}/${name}\` cannot be taken: the API server answers ${status}`,
    {
      hint: status === 404 ? 'it is not there: apply deploy/manifests' : 'its Role allows it',
    },
  )
