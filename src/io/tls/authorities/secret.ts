/**
 * A certificate authority in a Kubernetes Secret: `ca.crt` and `ca.key`, and `next.crt` and `next.key` while another one is to
 * follow. Who writes first wins; whoever read an older version before it wrote is told so.
 */
import { isDeepStrictEqual } from 'node:util'
import { CoreV1Api, type KubeConfig, type V1Secret } from '@kubernetes/client-node'
import { KerbsideError } from '../../../core/errors.ts'
import { apiStatus } from '../../kubernetes.ts'
import type { Authority, AuthorityStore } from '../certificates.ts'

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
  /** With the version that was read: who writes it in between makes this a conflict. */
  const write = async (present: V1Secret, authority: Authority): Promise<boolean> => {
    try {
      await api.replaceNamespacedSecret({
        ...at,
        body: { ...present, data: { ...othersIn(present), ...toData(authority) } },
      })
      return true
    } catch (cause) {
      if (apiStatus(cause) === 409) return false
      throw failed('written', cause)
    }
  }
  return {
    async read() {
      return fromData((await readSecret())?.data, name)
    },
    async create(authority: Authority) {
      const present = await readSecret()
      if (present !== undefined) return present.data?.['ca.crt'] === undefined && (await write(present, authority))
      try {
        await api.createNamespacedSecret({
          namespace: at.namespace,
          body: { metadata: { name: at.name }, data: toData(authority) },
        })
        return true
      } catch (cause) {
        if (apiStatus(cause) === 409) return false
        throw failed('written', cause)
      }
    },
    async replace(before: Authority, after: Authority) {
      const present = await readSecret()
      if (present === undefined || !isDeepStrictEqual(fromData(present.data, name), before)) return false
      return write(present, after)
    },
  }
}

type Data = { [key: string]: string }

/** @throws KerbsideError `io-failed` when one of a pair is there without the other */
function fromData(data: Data = {}, name: string): Authority | undefined {
  const pair = (certificate: string | undefined, key: string | undefined, what: string) => {
    if (certificate === undefined && key === undefined) return undefined
    if (certificate !== undefined && key !== undefined) {
      return { certificatePem: fromBase64(certificate), keyPem: fromBase64(key) }
    }
    throw new KerbsideError('io-failed', `${name} holds half an authority`, {
      hint: `it must have \`${what}.crt\` and \`${what}.key\`; take both out to have both made`,
    })
  }
  const authority = pair(data['ca.crt'], data['ca.key'], 'ca')
  const next = pair(data['next.crt'], data['next.key'], 'next')
  return authority === undefined || next === undefined ? authority : { ...authority, next }
}

const OURS = new Set(['ca.crt', 'ca.key', 'next.crt', 'next.key'])
const othersIn = ({ data = {} }: V1Secret): Data =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !OURS.has(key)))

const toData = ({ certificatePem, keyPem, next }: Authority): Data => ({
  'ca.crt': toBase64(certificatePem),
  'ca.key': toBase64(keyPem),
  ...(next === undefined ? {} : { 'next.crt': toBase64(next.certificatePem), 'next.key': toBase64(next.keyPem) }),
})

const toBase64 = (text: string) => Buffer.from(text).toString('base64')
const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString('utf8')
