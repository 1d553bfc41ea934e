/** What became of a pod that must be refused: the one question that goes the whole way through API server, network, certificate and webhook. */
import { ok, type Said } from '../finding.ts'

export const PROBE = 'kerbside-doctor'
/** No policy has an identity of that name: names of identities have no digits first. */
export const PROBE_IDENTITY = '0-kerbside-doctor'

/** What the API server said to a dry run. */
export type Answer = { readonly status: number; readonly message: string }

export function lookAtAnswer({ status, message }: Answer): Said {
  if (/\[unknown-identity\]/.test(message))
    return ok('a pod with an identity that nobody has was refused by us, and by name')
  if (status === 201) {
    const says =
      'a pod with the label was admitted and we were not asked: whoever labels a pod gets it without its sidecar'
    return {
      state: 'fail',
      says,
      advice: 'see `webhooks` above; then kubectl apply -f deploy/manifests/50-admission.yaml',
    }
  }
  if (/failed calling webhook/.test(message)) {
    const cause = message.replace(/^.*failed calling webhook/s, 'failed calling webhook')
    const advice = /x509|certificate/.test(message)
      ? 'its certificate is not by an authority of the caBundle: see `trust`, and who else writes that field'
      : 'see `programs`, the Service kerbside-webhook, and NetworkPolicies between API server and port 8443'
    return { state: 'fail', says: `no webhook answered: ${cause}`, advice }
  }
  if (/\[(no-policy|internal-error)\]/.test(message)) {
    return { state: 'fail', says: `the webhook could not decide: ${message}`, advice: 'see `policy`, and its log' }
  }
  const says = `it was refused, but not by us (HTTP ${status}): ${message}`
  return {
    state: 'warn',
    says,
    advice: 'somebody else refuses such pods first: --probe-namespace names another namespace',
  }
}
