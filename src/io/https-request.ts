/** One HTTPS request with a small answer, and why one failed. Node's own client: no redirect is followed, no proxy and no cookie used. */
import https from 'node:https'
import { request as plainRequest } from './node-http.ts'

export type HttpsRequest = {
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'PUT'
  /** CAs that may have signed the server's certificate, in PEM; no others are trusted. */
  readonly ca: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether the URL may be plain HTTP; one that is rejects otherwise. */
  readonly mayBePlain?: boolean
  /** Keeps its connections, for whoever asks the same server more than once; each request has its own otherwise. */
  readonly agent?: https.Agent
  readonly signal: AbortSignal
}

export type HttpsAnswer = {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: Buffer
}

const LARGEST_ANSWER_BYTES = 4 << 20

/** Rejects when there is no whole answer; {@link whyFailed} says it in words. */
export function httpsRequest({ mayBePlain = false, agent, ...asked }: HttpsRequest): Promise<HttpsAnswer> {
  const { url, method, ca, headers, body, signal } = asked
  const isPlain = mayBePlain && url.protocol === 'http:'
  const request = isPlain ? plainRequest : https.request
  const options = { method, ca, headers: { ...headers }, signal, agent: isPlain ? false : (agent ?? false) }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = []
      let length = 0
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > LARGEST_ANSWER_BYTES)
          incoming.destroy(new Error(`answer of more than ${LARGEST_ANSWER_BYTES} bytes`))
        else chunks.push(chunk)
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks, length) })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'INVALID_CA',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

const codeOf = (error: unknown) => (error as { code?: unknown } | null)?.code

/** Whether the server was there, but not one that the CA vouches for under that name. */
export function isUntrusted(error: unknown): boolean {
  const code = codeOf(error)
  return typeof code === 'string' && UNTRUSTED.has(code)
}

/** A short reason without the URL, which may hold a token. */
export function whyFailed(error: unknown): string {
  const code = codeOf(error)
  if (isUntrusted(error)) return `its certificate is not accepted (${String(code)})`
  if (code === 'ECONNREFUSED') return 'the connection is refused'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name has no address'
  if (error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name)) return 'it does not answer in time'
  return typeof code === 'string' ? code : 'the connection broke'
}
