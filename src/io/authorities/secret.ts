/** A certificate authority in a Kubernetes Secret with `ca.crt` and `ca.key`. The first to fill it wins: no leader, no lock. */
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node'
import { KerbsideError } from '../../core/errors.ts'
import type { Authority, AuthorityStore } from '../certificates.ts'
import { apiStatus } from '../kubernetes.ts'

export function authorityInSecret(config: KubeConfig, at: { namespace: string; name: string }): AuthorityStore {
  const api = config.makeApiClient(CoreV1Api)
  const name = `the Secret \`${at.namespace}/${at.name}\``
  const failed = (verb: string, cause: unknown) =>
    new KerbsideError('io-failed', `${name} cannot be ${verb}`, { cause })
  const readSecret = async () => {
    try {
      return await api.readNamespacedSecret(at)
    } catch (cause) {
      if (apiStatus(cause) === 404) return undefined
      throw failed('read', cause)
    }
  }
  return {
    async read() {
      const { data = {} } = (await readSecret()) ?? {}
      const { 'ca.crt': certificate, 'ca.key': key } = data
      if (certificate === undefined && key === undefined) return undefined
      if (certificate !== undefined && key !== undefined) {
        return { certificatePem: fromBase64(certificate), keyPem: fromBase64(key) }
      }
      throw new KerbsideError('io-failed', `${name} holds half an authority`, {
        hint: 'it must have `ca.crt` and `ca.key`; take both out to have both made',
      })
    },
    async create(authority: Authority) {
      const stringData = { 'ca.crt': authority.certificatePem, 'ca.key': authority.keyPem }
      const empty = await readSecret()
      if (empty?.data?.['ca.crt'] !== undefined) return false
      try {
        if (empty === undefined) {
          await api.createNamespacedSecret({
            namespace: at.namespace,
            body: { metadata: { name: at.name }, stringData },
          })
        } else {
          // With the version that was read: who fills it in between makes this a conflict.
          await api.replaceNamespacedSecret({ ...at, body: { ...empty, stringData } })
        }
        return true
      } catch (cause) {
        if (apiStatus(cause) === 409) return false
        throw failed('written', cause)
      }
    },
  }
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString('utf8')
