/**
 * Secrets in Vault or OpenBao: KV version 1 or 2. Logged in to with the pod's projected service-account token, by the auth
 * method `kubernetes` or `jwt`, which are asked alike.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import { type ErrorCode, KerbsideError } from '../../core/errors.ts'
import { type HttpsAnswer, httpsRequest, isUntrusted, whyFailed } from '../https-request.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { hintIfEnded, serviceAccountToken } from '../service-account-token.ts'
import { field, json, jsonOrNothing, sentence } from './answer.ts'
import { endedBy } from './ended-by.ts'
import { refText, segmentsOf } from './ref.ts'
import { type Ending, SharedLogin } from './shared-login.ts'
import { bytesOfText } from './value.ts'

export type VaultSettings = {
  readonly url: string
  /** Mount of the KV engine, `kv`. */
  readonly mount: string
  readonly kvVersion: '1' | '2'
  /** Mount of the auth method, `kubernetes`. */
  readonly auth: string
  readonly role: string
  /** Of Vault's own kind, not Kubernetes's; absent for the root one. */
  readonly namespace?: string | undefined
  readonly ca: string
  readonly tokenFile: string
}

type Login = Ending & { readonly token: string; readonly isRevocable: boolean }
type Call = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly body?: Readonly<Record<string, string>>
}

/** A store that two hundred ask at once needs longer than for one; whoever is called off is ended sooner. */
const REVOKE_WITHIN_MS = 10_000
/** One that is not asked again soon may be cut on the way by something that tells nobody. */
const IDLE_CONNECTION_MS = 5000
/** A login is not used up to its last second, in which a request could come too late. */
const USED_SHARE = 0.9

export function vaultStore(settings: VaultSettings): SecretStore {
  const versionKey = randomBytes(32)
  // A handshake costs the store more than an answer does.
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS })
  /** To be given back: also a login that was given up for a newer one. */
  const revocable = new Set<Login>()

  const call = async ({ method, path, token, body }: Call, signal: AbortSignal): Promise<HttpsAnswer> => {
    try {
      return await httpsRequest({
        url: new URL(`${settings.url.replace(/\/+$/, '')}/v1/${path}`),
        method,
        ca: settings.ca,
        headers: {
          'x-vault-request': 'true',
          ...(settings.namespace === undefined ? {} : { 'x-vault-namespace': settings.namespace }),
          ...(token === undefined ? {} : { 'x-vault-token': token }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        agent,
        signal,
      })
    } catch (error) {
      const hint = isUntrusted(error) ? { hint: 'KERBSIDE_CA must hold the CA that signed its certificate' } : {}
      throw new KerbsideError('secret-unavailable', `${settings.url}: ${whyFailed(error)}`, { ...hint, cause: error })
    }
  }

  const logIn = async (signal: AbortSignal): Promise<Login> => {
    const jwt = await serviceAccountToken(settings.tokenFile)
    const body = { role: settings.role, jwt }
    const answer = await call({ method: 'POST', path: `auth/${settings.auth}/login`, body }, signal)
    if (answer.status !== 200) {
      const hint = hintIfEnded(jwt, Date.now())
      throw refused(answer, { what: `role \`${settings.role}\``, codes: LOGIN_REFUSALS, ...hint })
    }
    const login = loginFrom(json(answer))
    for (const earlier of revocable) if (earlier.endsAt <= Date.now()) revocable.delete(earlier)
    if (login.isRevocable) revocable.add(login)
    return login
  }

  const logins = new SharedLogin(logIn)

  return {
    fetch(ref, signal) {
      return endedBy(signal, async () => {
        const path = segmentsOf(ref).slice(0, -1).join('/')
        const { token } = await logins.get(signal)
        const below = settings.kvVersion === '2' ? `data/${path}` : path
        const answer = await call({ method: 'GET', path: `${settings.mount}/${below}`, token }, signal)
        // The next try logs in anew, with a service-account token that may be newer.
        if (answer.status === 403) void logins.forget()
        if (answer.status !== 200) throw refused(answer, { what: refText(ref), codes: FETCH_REFUSALS })
        const secret = json(answer)
        return settings.kvVersion === '2' ? secretOfVersion2(secret, ref) : secretOfVersion1(secret, ref, versionKey)
      })
    },
    async close() {
      await logins.forget()
      const signal = AbortSignal.timeout(REVOKE_WITHIN_MS)
      const revoke = ({ token }: Login) => call({ method: 'POST', path: 'auth/token/revoke-self', token }, signal)
      // A login ends by itself soon after; there is nobody to tell.
      await Promise.allSettled([...revocable].map(revoke))
      revocable.clear()
      agent.destroy()
    },
  }
}

/** A batch token cannot be revoked; it ends by itself. */
function loginFrom(answer: unknown): Login {
  const token = field(answer, 'auth', 'client_token')
  const seconds = field(answer, 'auth', 'lease_duration')
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new KerbsideError('secret-malformed', 'the login was answered without a token')
  }
  // Zero stands for a token that does not end.
  const lastsMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 * USED_SHARE : Number.POSITIVE_INFINITY
  return { token, isRevocable: field(answer, 'auth', 'token_type') !== 'batch', endsAt: Date.now() + lastsMs }
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

type Refusal = { readonly what: string; readonly codes: ReadonlyMap<number, ErrorCode>; readonly hint?: string }

function refused(answer: HttpsAnswer, { what, codes, ...hint }: Refusal): KerbsideError {
  const code = codes.get(answer.status) ?? 'secret-unavailable'
  const said = jsonOrNothing(answer)
  const first = ['errors', 'warnings'].map((name) => field(said, name, '0')).find((text) => text !== undefined)
  return new KerbsideError(code, `${what}: HTTP ${answer.status}${sentence(first)}`, hint)
}

function secretOfVersion2(answer: unknown, ref: SecretRef): Secret {
  const bytes = valueIn(field(answer, 'data', 'data'), ref)
  const version = field(answer, 'data', 'metadata', 'version')
  if (typeof version === 'number') return { bytes, version: String(version) }
  throw new KerbsideError('secret-malformed', `${refText(ref)} has no version`)
}

/** A KV store of version 1 counts no versions. Nobody can try out guesses: the key of the digest lives as long as the store. */
function secretOfVersion1(answer: unknown, ref: SecretRef, versionKey: Uint8Array): Secret {
  const bytes = valueIn(field(answer, 'data'), ref)
  const digest = createHmac('sha256', versionKey).update(JSON.stringify(ref)).update(bytes).digest('base64url')
  return { bytes, version: digest.slice(0, 22) }
}

function valueIn(values: unknown, ref: SecretRef): Uint8Array {
  if (typeof values !== 'object' || values === null) {
    throw new KerbsideError('secret-malformed', `${refText(ref)}: what was answered is no secret of a KV store`)
  }
  const value = field(values, ref.key)
  if (value === undefined || value === null) {
    throw new KerbsideError('secret-not-found', `${refText(ref)}: the secret has no such key`)
  }
  if (typeof value !== 'string') throw new KerbsideError('secret-malformed', `${refText(ref)} is not text`)
  return bytesOfText(value, ref)
}
