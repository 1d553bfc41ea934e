/**
 * The broker in the place of a secret store: it looks at our pod, and gives what policy says this identity needs. The request
 * names no path, so there is nothing in it that could lead to another identity's secret.
 */
import { ERRORS, type ErrorCode, KerbsideError } from '../../core/errors.ts'
import { type Handed, readSecrets } from '../../core/identity/secrets-answer.ts'
import { type HttpsAnswer, httpsRequest, isUntrusted, whyFailed } from '../https-request.ts'
import type { SecretStore } from '../secret-store.ts'
import { serviceAccountToken } from '../service-account-token.ts'
import { refusalText } from './broker-refusal.ts'

export type BrokerStoreSettings = {
  readonly url: string
  readonly identity: string
  /** CAs of the broker, PEM: nobody else is shown the service-account token. */
  readonly ca: string
  /** Read anew for every request: the kubelet replaces it. */
  readonly tokenFile: string
}

/** Asked once for all that is fetched until it is closed, which wipes what it was given. */
export function brokerStore(settings: BrokerStoreSettings): SecretStore {
  let answer: Promise<readonly Handed[]> | undefined
  return {
    async fetch({ key }, signal) {
      answer ??= ask(settings, signal)
      const all = await answer.catch((error: unknown) => {
        answer = undefined
        throw error
      })
      const one = all.find((handed) => handed.key === key)
      if (one === undefined)
        throw new KerbsideError('secret-not-found', `the broker has no \`${key}\` for this identity`)
      if ('failed' in one) throw storeFailed(key, one.failed)
      const { bytes, version, expiresAt } = one
      return { bytes: Uint8Array.from(bytes), version, ...(expiresAt === undefined ? {} : { expiresAt }) }
    },
    async close() {
      const all = await answer?.catch(() => undefined)
      answer = undefined
      for (const one of all ?? []) if ('bytes' in one) one.bytes.fill(0)
    },
  }
}

async function ask({ url, identity, ca, tokenFile }: BrokerStoreSettings, signal: AbortSignal) {
  const authorization = `Bearer ${await serviceAccountToken(tokenFile)}`
  const request = {
    url: new URL(`${url.replace(/\/+$/, '')}/v1/secrets?identity=${encodeURIComponent(identity)}`),
    method: 'GET',
    ca,
    headers: { authorization },
    signal,
  } as const
  const answer = await httpsRequest(request).catch((error: unknown) => {
    const hint = isUntrusted(error) ? { hint: 'KERBSIDE_CA must hold the CA that signed its certificate' } : {}
    throw new KerbsideError('secret-unavailable', `the broker: ${whyFailed(error)}`, { ...hint, cause: error })
  })
  if (answer.status !== 200) throw refused(answer)
  return readSecrets(answer.body)
}

const CODES = new Map<number, ErrorCode>([
  [401, 'secret-unauthenticated'],
  [403, 'secret-forbidden'],
])

function refused({ status, body }: HttpsAnswer): KerbsideError {
  const why = refusalText(status, body.toString('utf8'))
  return new KerbsideError(CODES.get(status) ?? 'secret-unavailable', `the broker gives this pod no secret (${why})`)
}

const storeFailed = (key: string, code: ErrorCode): KerbsideError =>
  new KerbsideError(code, `\`${key}\` through the broker: ${ERRORS[code].sentence}`, {
    hint: "the broker's log says which secret it asked for, and what its store answered",
  })
