/** The OpenID provider: where it signs people in, and what it says of them, believed only when it is signed, for us and for now. */
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import { KerbsideError } from '../../core/errors.ts'
import { httpsRequest, whyFailed } from '../../io/https-request.ts'
import { type Attempt, challengeOf } from './attempt.ts'
import { type Refused, refused } from './refusals.ts'
import type { LoginSettings } from './settings.ts'

export type Provider = {
  /** Where the browser goes to sign in. */
  question(attempt: Attempt): Promise<URL | Refused>
  /** What the provider says of whoever has the code. */
  claimsFor(code: string, attempt: Attempt): Promise<IdClaims | Refused>
}

export type IdClaims = JWTPayload & { readonly iss: string; readonly sub: string }

/** RFC 8414 and OpenID Connect Discovery §3: what of it is used. */
type Metadata = {
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
}

/** Signatures by a key that only the provider has. None, and none by the client secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const PATIENCE_MS = 10_000
/** How long what the provider says of itself is kept. */
const METADATA_MS = 3_600_000
const CLOCK_TOLERANCE_SECONDS = 30
/** An ID token is fresh from the provider when it comes. */
const LONGEST_AGE_SECONDS = 300

export const callbackOf = ({ url }: LoginSettings): string => `${url}/login/callback`

/**
 * @param clock milliseconds since the epoch
 * @throws KerbsideError `bad-settings` when a file that the settings name cannot be read
 */
export async function openProvider(settings: LoginSettings, clock: () => number): Promise<Provider> {
  const { issuer, clientId, authoritiesFile, clientSecretFile } = settings
  const ca = authoritiesFile === undefined ? rootCertificates.join('\n') : await fileOf(authoritiesFile)
  await fileOf(clientSecretFile)
  let known: { readonly metadata: Metadata; readonly keys: Keys; readonly until: number } | undefined

  const ask = (url: URL, more: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string }) =>
    httpsRequest({ url, ca, signal: AbortSignal.timeout(PATIENCE_MS), ...more })

  /** The keys are asked for again, by jose, when a token names one that is not among them: at most twice a minute. */
  const keysAt = (uri: string) =>
    createRemoteJWKSet(new URL(uri), {
      [customFetch]: async (url) => {
        const { status, body } = await ask(new URL(url), { method: 'GET' })
        return new Response(new Uint8Array(body), { status })
      },
    })

  async function discover() {
    if (known !== undefined && clock() < known.until) return known
    const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    const { status, body } = await ask(url, { method: 'GET' })
    const metadata = readMetadata(status, body, issuer)
    const keys = known?.metadata.jwks_uri === metadata.jwks_uri ? known.keys : keysAt(metadata.jwks_uri)
    known = { metadata, keys, until: clock() + METADATA_MS }
    return known
  }

  return {
    async question(attempt) {
      try {
        const { metadata } = await discover()
        const url = new URL(metadata.authorization_endpoint)
        const asked = {
          response_type: 'code',
          client_id: clientId,
          redirect_uri: callbackOf(settings),
          scope: ['openid', ...settings.scopes].join(' '),
          state: attempt.state,
          nonce: attempt.nonce,
          code_challenge: challengeOf(attempt),
          code_challenge_method: 'S256',
        }
        for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
        return url
      } catch (thrown) {
        return refused('provider-down', why(thrown))
      }
    },
    async claimsFor(code, attempt) {
      let token: string | Refused
      let keys: Keys
      try {
        const found = await discover()
        keys = found.keys
        token = await redeem(found.metadata, code, attempt)
      } catch (thrown) {
        return refused('provider-down', why(thrown))
      }
      return typeof token === 'string' ? verified(token, keys, attempt) : token
    },
  }

  async function redeem(metadata: Metadata, code: string, attempt: Attempt): Promise<string | Refused> {
    const secret = (await fileOf(clientSecretFile)).trim()
    const { status, body } = await ask(new URL(metadata.token_endpoint), {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString('base64')}`,
      },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callbackOf(settings),
        code_verifier: attempt.verifier,
      }).toString(),
    })
    const answer = readObject(body)
    if (status !== 200) return refused('code-refused', `the token endpoint answers ${status} ${codeOf(answer)}`)
    const token = answer?.['id_token']
    return typeof token === 'string' ? token : refused('bad-id-token', 'there is none in the answer')
  }

  async function verified(token: string, keys: Keys, attempt: Attempt): Promise<IdClaims | Refused> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
        maxTokenAge: LONGEST_AGE_SECONDS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(clock()),
      })
      const { iss, sub, aud, azp, nonce } = payload
      if (typeof iss !== 'string' || typeof sub !== 'string') return refused('bad-id-token', 'it names nobody')
      if (nonce !== attempt.nonce) return refused('bad-id-token', 'its nonce is that of another sign-in')
      const isForOthers = Array.isArray(aud) && aud.length > 1
      if ((isForOthers || azp !== undefined) && azp !== clientId)
        return refused('bad-id-token', 'it is for another client')
      return { ...payload, iss, sub }
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError) return refused('bad-id-token', `${thrown.code}: ${thrown.message}`)
      return refused('provider-down', why(thrown))
    }
  }
}

type Keys = ReturnType<typeof createRemoteJWKSet>

/** A provider that speaks for another issuer than it was asked as is none of ours (OpenID Connect Discovery §4.3). */
function readMetadata(status: number, body: Buffer, issuer: string): Metadata {
  const said = readObject(body)
  if (status !== 200 || said === undefined) throw new Error(`its configuration is not there: it answers ${status}`)
  if (said['issuer'] !== issuer) throw new Error('its configuration is that of another issuer')
  const [authorization_endpoint, token_endpoint, jwks_uri] = (
    ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const
  ).map((name) => {
    const url = said[name]
    if (typeof url !== 'string' || URL.parse(url)?.protocol !== 'https:')
      throw new Error(`its \`${name}\` is no https URL`)
    return url
  }) as [string, string, string]
  return { authorization_endpoint, token_endpoint, jwks_uri }
}

function readObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** RFC 6749 §5.2: a word from a closed alphabet. Anything else stays out of the log. */
function codeOf(answer: Readonly<Record<string, unknown>> | undefined): string {
  const code = answer?.['error']
  return typeof code === 'string' && /^[a-z_]{1,64}$/.test(code) ? code : 'without a reason'
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

const why = (thrown: unknown): string =>
  thrown instanceof Error && !('code' in thrown) && !/^(Abort|Timeout)Error$/.test(thrown.name)
    ? thrown.message
    : whyFailed(thrown)

async function fileOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new KerbsideError('bad-settings', `\`${path}\` cannot be read`, { cause })
  }
}
