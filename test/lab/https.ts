/** One HTTPS request to a part of the lab, with the lab's authority and, where asked, a client certificate. */
import { request } from 'node:https'

export type Call = {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON when it is not a string already. */
  readonly body?: unknown
  readonly ca: string
  readonly cert?: string
  readonly key?: string
}

export type Answer = {
  readonly status: number
  readonly body: string
  /** Texts of its `Warning` headers, as the API server writes them (RFC 7234, 5.5). */
  readonly warnings: readonly string[]
}

const TIMEOUT_MS = 30_000

/** Every status is an answer; only a broken connection or a bad certificate rejects. */
export function callOver(call: Call): Promise<Answer> {
  const { url, method = 'GET', headers = {}, body, ca, cert, key } = call
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const type = payload === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      // A lab's daemon may be restarted between two calls: a kept connection would be a dead one.
      {
        method,
        headers: { ...type, ...headers },
        ca,
        agent: false,
        timeout: TIMEOUT_MS,
        ...(cert && key ? { cert, key } : {}),
      },
      (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(pieces).toString(),
            warnings: answer.headersDistinct['warning'] ?? [],
          }),
        )
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${url} within ${TIMEOUT_MS / 1000} s`)))
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

/** Like {@link callOver} for answers that must be good: JSON back, or an error that says what came instead. */
export async function callForJson<T>(call: Call): Promise<T> {
  const { status, body } = await callOver(call)
  if (status >= 300) throw new Error(`${call.method ?? 'GET'} ${call.url} answered ${status}: ${body.trim()}`)
  return (body === '' ? undefined : JSON.parse(body)) as T
}
