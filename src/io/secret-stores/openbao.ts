/** Secrets in OpenBao or Vault: KV version 2, logged in to with the pod's projected service-account token (auth method `kubernetes`). */
import { readFile } from 'node:fs/promises'
import { type ErrorCode, KerbsideError } from '../../core/errors.ts'
import { type HttpsAnswer, httpsRequest, isUntrusted, whyFailed } from '../https-request.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { LARGEST_SECRET_BYTES, refText, segmentsOf } from './ref.ts'

export type OpenbaoSettings = {
  readonly url: string
  /** Mount of the KV engine, `kv`. */
  readonly mount: string
  readonly role: string
  readonly ca: string
  /** Read anew at every login: the kubelet replaces it. */
  readonly tokenFile: string
}

const REVOKE_WITHIN_MS = 3000

type Call = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly body?: Readonly<Record<string, string>>
}

export function openbaoStore(settings: OpenbaoSettings): SecretStore {
  let login: Promise<string> | undefined

  const call = async ({ method, path, token, body }: Call, signal: AbortSignal): Promise<HttpsAnswer> => {
    try {
      return await httpsRequest({
        url: new URL(`${settings.url.replace(/\/+$/, '')}/v1/${path}`),
        method,
        ca: settings.ca,
        headers: { 'x-vault-request': 'true', ...(token === undefined ? {} : { 'x-vault-token': token }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
      })
    } catch (error) {
      const hint = isUntrusted(error) ? { hint: 'KERBSIDE_CA must hold the CA that signed its certificate' } : {}
      throw new KerbsideError('secret-unavailable', `${settings.url}: ${whyFailed(error)}`, { ...hint, cause: error })
    }
  }

  const logIn = async (signal: AbortSignal): Promise<string> => {
    const body = { role: settings.role, jwt: await serviceAccountToken(settings.tokenFile) }
    const answer = await call({ method: 'POST', path: 'auth/kubernetes/login', body }, signal)
    if (answer.status !== 200) throw refused(answer, `role \`${settings.role}\``, LOGIN_REFUSALS)
    const token = field(json(answer), 'auth', 'client_token')
    if (typeof token !== 'string') throw new KerbsideError('secret-malformed', 'the login was answered without a token')
    return token
  }

  return {
    async fetch(ref, signal) {
      const path = segmentsOf(ref).slice(0, -1).join('/')
      login ??= logIn(signal)
      const token = await login.catch((error: unknown) => {
        login = undefined
        throw error
      })
      const answer = await call({ method: 'GET', path: `${settings.mount}/data/${path}`, token }, signal)
      // The next try logs in anew, with a service-account token that may be newer.
      if (answer.status === 403) login = undefined
      if (answer.status !== 200) throw refused(answer, refText(ref), FETCH_REFUSALS)
      return secretFrom(json(answer), ref)
    },
    async close() {
      const token = await login?.catch(() => undefined)
      login = undefined
      if (token === undefined) return
      const signal = AbortSignal.timeout(REVOKE_WITHIN_MS)
      // The login ends by itself soon after; there is nobody to tell.
      await call({ method: 'POST', path: 'auth/token/revoke-self', token }, signal).catch(() => undefined)
    },
  }
}

async function serviceAccountToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new KerbsideError('secret-unauthenticated', `the service-account token \`${file}\` cannot be read`, { cause })
  }
}

const LOGIN_REFUSALS = new Map<number, ErrorCode>([
  [400, 'secret-unauthenticated'],
  [401, 'secret-unauthenticated'],
  [403, 'secret-unauthenticated'],
])
const FETCH_REFUSALS = new Map<number, ErrorCode>([
  [403, 'secret-forbidden'],
  [404, 'secret-not-found'],
])

/** OpenBao's own sentences name no secret, but they are cut: the answer of something else on that port might. */
function refused(answer: HttpsAnswer, what: string, codes: ReadonlyMap<number, ErrorCode>): KerbsideError {
  const errors = field(json(answer, {}), 'errors')
  const said = Array.isArray(errors) && typeof errors[0] === 'string' ? errors[0] : ''
  const sentence = said
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 120)
  const quoted = sentence === '' ? '' : `: ${sentence}`
  return new KerbsideError(codes.get(answer.status) ?? 'secret-unavailable', `${what}: HTTP ${answer.status}${quoted}`)
}

function secretFrom(answer: unknown, ref: SecretRef): Secret {
  const value = field(answer, 'data', 'data', ref.key)
  const version = field(answer, 'data', 'metadata', 'version')
  if (value === undefined || value === null) {
    throw new KerbsideError('secret-not-found', `${refText(ref)}: the secret has no such key`)
  }
  if (typeof value !== 'string' || typeof version !== 'number') {
    throw new KerbsideError('secret-malformed', `${refText(ref)} is not text in a version 2 KV store`)
  }
  return { bytes: decoded(value, ref), version: String(version) }
}

/** Text in PEM stands as it is; everything else is base64, because JSON holds no bytes. */
function decoded(value: string, ref: SecretRef): Uint8Array {
  if (value.startsWith('-----BEGIN ')) return new TextEncoder().encode(value)
  const compact = value.replace(/\s+/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact) || compact === '') {
    throw new KerbsideError('secret-malformed', `${refText(ref)} is neither base64 nor PEM`, {
      hint: 'put it in with: bao kv put … key="$(base64 FILE)"',
    })
  }
  const bytes = Uint8Array.from(Buffer.from(compact, 'base64'))
  if (bytes.length <= LARGEST_SECRET_BYTES) return bytes
  throw new KerbsideError('secret-malformed', `${refText(ref)} is larger than ${LARGEST_SECRET_BYTES} bytes`)
}

function json(answer: HttpsAnswer, otherwise?: unknown): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'))
  } catch {
    // The parser's own message would quote the answer.
    if (otherwise !== undefined) return otherwise
    throw new KerbsideError('secret-malformed', 'the secret store answered something that is not JSON')
  }
}

function field(value: unknown, ...names: readonly string[]): unknown {
  let at = value
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}
