/**
 * Secrets of Kubernetes, read by the broker as its own service account. There is no such store for a sidecar: the other
 * containers of its pod have the same service account, and could read whatever it may read.
 */

import { KerbsideError, toKerbsideError } from '../../core/errors.ts'
import { type ApiAnswer, apiRequest } from '../api-server-request.ts'
import type { KubernetesAccess } from '../kubernetes.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { field } from './answer.ts'
import { endedBy } from './ended-by.ts'
import { refText, segmentsOf } from './ref.ts'
import { codeOfStatus } from './refusals.ts'
import { bytesOf } from './value.ts'

export type KubernetesStoreSettings = {
  readonly config: KubernetesAccess
  /** No others are asked for. A path that is one name alone is in the first of them. */
  readonly namespaces: readonly [string, ...string[]]
}

/** Store over the Secrets `NAME` or `NAMESPACE/NAME`; a key is one of their `data`. */
export function kubernetesStore({ config, namespaces }: KubernetesStoreSettings): SecretStore {
  return {
    fetch(ref, signal) {
      return endedBy(signal, async () => {
        const answer = await apiRequest(config, { method: 'GET', path: pathOf(ref, namespaces), signal }).catch(
          (thrown: unknown) => {
            const { message, cause } = toKerbsideError(thrown)
            throw new KerbsideError('secret-unavailable', `${refText(ref)}: ${message}`, { cause })
          },
        )
        if (answer.status !== 200) throw refused(answer, ref)
        return secretIn(answer, ref)
      })
    },
    // Our service account is not logged in with: there is nothing to give back.
    async close() {},
  }
}

/** As Kubernetes names its objects: a name that leads nowhere else in a URL. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

function pathOf(ref: SecretRef, namespaces: KubernetesStoreSettings['namespaces']): string {
  const names = segmentsOf(ref).slice(0, -1)
  const [namespace = '', name = ''] = names.length === 1 ? [namespaces[0], names[0]] : names
  if (names.length > 2 || !OBJECT_NAME.test(namespace) || !OBJECT_NAME.test(name)) {
    throw new KerbsideError('secret-not-found', `${refText(ref)} cannot be the name of a Secret`, {
      hint: 'a path in this store is NAMESPACE/NAME, or NAME alone',
    })
  }
  if (namespaces.includes(namespace)) return `/api/v1/namespaces/${namespace}/secrets/${name}`
  throw new KerbsideError('secret-forbidden', `${refText(ref)}: the broker reads no Secrets of that namespace`, {
    hint: `those that it is told of are ${namespaces.join(', ')}`,
  })
}

/** What the API server says names its users and rights; the status is enough. */
function refused({ status }: ApiAnswer, ref: SecretRef): KerbsideError {
  const hint = status === 403 ? { hint: 'a Role in that namespace must let the broker `get` this Secret' } : {}
  return new KerbsideError(codeOfStatus(status), `${refText(ref)}: the API server answered with ${status}`, hint)
}

function secretIn({ body }: ApiAnswer, ref: SecretRef): Secret {
  const [uid, revision] = [field(body, 'metadata', 'uid'), field(body, 'metadata', 'resourceVersion')]
  const value = field(body, 'data', ref.key)
  if (value === undefined) throw new KerbsideError('secret-not-found', `${refText(ref)}: the Secret has no such key`)
  if (typeof value !== 'string' || typeof uid !== 'string' || typeof revision !== 'string') {
    throw new KerbsideError('secret-malformed', `${refText(ref)} is no Secret of Kubernetes`)
  }
  return { bytes: bytesOf(Uint8Array.from(Buffer.from(value, 'base64')), ref), version: `${uid}-${revision}` }
}
