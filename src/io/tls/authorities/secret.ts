/**
 * A certificate authority in a Kubernetes Secret: `ca.crt` and `ca.key`, and `next.crt` and `next.key` while another one is to
 * follow. Who writes first wins; whoever read an older version before it wrote is told so.
 */
import { isDeepStrictEqual } from 'node:util'
import { KerbsideError } from '../../../core/errors.ts'
import { type ApiRequest, apiRequest, UNHURRIED_MS as withinMs } from '../../api-server-request.ts'
import type { KubernetesAccess } from '../../kubernetes.ts'
import type { Authority, AuthorityStore } from '../certificates.ts'

/** As much of a Secret as is looked at; the rest is written back as it was read. */
type Secret = { readonly data?: Data }

/** @throws KerbsideError `io-failed` from each of its functions, when the Secret cannot be read or written */
export function authorityInSecret(config: KubernetesAccess, at: { namespace: string; name: string }): AuthorityStore {
  const all = `/api/v1/namespaces/${at.namespace}/secrets`
  const path = `${all}/${at.name}`
  const name = `the Secret \`${at.namespace}/${at.name}\``
  const ask = async (verb: 'read' | 'written', asked: ApiRequest) => {
    const { status, body } = await apiRequest(config, { ...asked, withinMs })
    if (status < 300) return { body: body as Secret }
    if (status === 404 || status === 409) return { status }
    throw new KerbsideError('io-failed', `${name} cannot be ${verb}: the API server answers ${status}`)
  }
  const readSecret = async () => (await ask('read', { method: 'GET', path })).body
  /** With the version that was read: who writes it in between makes this a conflict. */
  const write = async (present: Secret, authority: Authority): Promise<boolean> => {
    const body = { ...present, data: { ...othersIn(present), ...toData(authority) } }
    return (await ask('written', { method: 'PUT', path, body })).body !== undefined
  }
  return {
    async read() {
      return fromData((await readSecret())?.data, name)
    },
    async create(authority: Authority) {
      const present = await readSecret()
      if (present !== undefined) return present.data?.['ca.crt'] === undefined && (await write(present, authority))
      const body = { metadata: { name: at.name }, data: toData(authority) }
      return (await ask('written', { method: 'POST', path: all, body })).body !== undefined
    },
    async replace(before: Authority, after: Authority) {
      const present = await readSecret()
      if (present === undefined || !isDeepStrictEqual(fromData(present.data, name), before)) return false
      return write(present, after)
    },
  }
}

type Data = { readonly [key: string]: string }

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
const othersIn = ({ data = {} }: Secret): Data =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !OURS.has(key)))

const toData = ({ certificatePem, keyPem, next }: Authority): Data => ({
  'ca.crt': toBase64(certificatePem),
  'ca.key': toBase64(keyPem),
  ...(next === undefined ? {} : { 'next.crt': toBase64(next.certificatePem), 'next.key': toBase64(next.keyPem) }),
})

const toBase64 = (text: string) => Buffer.from(text).toString('base64')
const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString('utf8')
