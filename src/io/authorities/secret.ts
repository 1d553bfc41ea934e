/** A certificate authority in a Kubernetes Secret of type `Opaque` with `ca.crt` and `ca.key`. The first to create it wins: no leader, no lock. */
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node'
import { KerbsideError } from '../../core/errors.ts'
import type { Authority, AuthorityStore } from '../certificates.ts'
import { apiStatus } from '../kubernetes.ts'

export function authorityInSecret(config: KubeConfig, at: { namespace: string; name: string }): AuthorityStore {
  const api = config.makeApiClient(CoreV1Api)
  const failed = (verb: string, cause: unknown) =>
    new KerbsideError('io-failed', `the Secret \`${at.namespace}/${at.name}\` cannot be ${verb}`, { cause })
  return {
    async read() {
      try {
        const { data } = await api.readNamespacedSecret(at)
        const [certificate, key] = [data?.['ca.crt'], data?.['ca.key']]
        if (certificate !== undefined && key !== undefined) {
          return { certificatePem: fromBase64(certificate), keyPem: fromBase64(key) }
        }
      } catch (cause) {
        if (apiStatus(cause) === 404) return undefined
        throw failed('read', cause)
      }
      throw new KerbsideError('io-failed', `the Secret \`${at.namespace}/${at.name}\` holds no authority`, {
        hint: 'it must have `ca.crt` and `ca.key`; delete it to have both made',
      })
    },
    async create(authority: Authority) {
      const body = {
        metadata: { name: at.name },
        stringData: { 'ca.crt': authority.certificatePem, 'ca.key': authority.keyPem },
      }
      try {
        await api.createNamespacedSecret({ namespace: at.namespace, body })
        return true
      } catch (cause) {
        if (apiStatus(cause) === 409) return false
        throw failed('created', cause)
      }
    },
  }
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString('utf8')
