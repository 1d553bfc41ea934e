/** Which pod this is, as its own service-account token says: the broker knows us by the same. */
import type { Who } from '../src/core/audit/record.ts'
import { KerbsideError } from '../src/core/errors.ts'
import { payloadOf, serviceAccountToken } from '../src/io/service-account-token.ts'

export type OwnPod = {
  readonly uid: string
  readonly who: Pick<Who, 'namespace' | 'pod' | 'serviceAccount'>
}

/** @throws KerbsideError `bad-settings` when the token cannot be read or is bound to no pod */
export async function ownPod(tokenFile: string): Promise<OwnPod> {
  // Private claims of Kubernetes (pkg/serviceaccount/claims.go).
  const claims = Object(payloadOf(await serviceAccountToken(tokenFile, 'bad-settings')))
  const { namespace, pod, serviceaccount } = Object(claims['kubernetes.io'])
  const { name, uid } = Object(pod)
  const { name: serviceAccount } = Object(serviceaccount)
  const texts = [namespace, name, uid, serviceAccount]
  if (texts.every((text) => typeof text === 'string')) return { uid, who: { namespace, pod: name, serviceAccount } }
  throw new KerbsideError('bad-settings', `the service-account token \`${tokenFile}\` is bound to no pod`, {
    hint: 'mount a projected one into the pod, of the audience kerbside.io',
  })
}
