/** One request to the API server, in its own JSON: a typed client would drop fields that it does not know. */
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { request as httpsRequest } from 'node:https'
import { KerbsideError } from '../core/errors.ts'
import type { KubernetesAccess } from './kubernetes.ts'
import { request as httpRequest } from './node-http.ts'

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  /** `/api/v1/namespaces/ml-quant`, each name in it encoded. */
  readonly path: string
  readonly body?: object
  /** Of the body; JSON if absent. */
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** For the whole answer to come; 5 s if absent, as somebody else waits for us meanwhile. */
  readonly withinMs?: number
}

export type ApiAnswer = { readonly status: number; readonly body: unknown }

const WITHIN_MS = 5_000
/** Where nobody waits: an API server that is busy is not asked again for nothing. */
export const UNHURRIED_MS = 30_000
const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024

/**
 * Every status is an answer.
 * @throws KerbsideError `io-failed` when there is none, `bad-settings` when there is no API server
 */
export async function apiRequest(config: KubernetesAccess, asked: ApiRequest): Promise<ApiAnswer> {
  const timeout = AbortSignal.timeout(asked.withinMs ?? WITHIN_MS)
  const signal = asked.signal === undefined ? timeout : AbortSignal.any([timeout, asked.signal])
  try {
    const incoming = await apiAnswer(config, { ...asked, signal })
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > LARGEST_ANSWER_BYTES) throw new Error('the answer is too large')
      chunks.push(chunk)
    }
    return { status: incoming.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }
  } catch (cause) {
    if (cause instanceof KerbsideError) throw cause
    throw new KerbsideError('io-failed', 'the API server does not answer', { cause: withoutText(cause) })
  }
}

/**
 * The answer, with its body still to be read.
 * @throws KerbsideError `bad-settings` when there is no API server, and whatever the connection fails with
 */
export async function apiAnswer(config: KubernetesAccess, asked: ApiRequest): Promise<IncomingMessage> {
  const { method, path, body, contentType = 'application/json', signal } = asked
  const url = new URL(path, originOf(config))
  // Brings the CA, our own credentials and an agent.
  const options: RequestOptions = { method, headers: {} }
  await config.applyToHTTPSOptions(options)
  const headers = { ...options.headers, accept: 'application/json', 'content-type': contentType }
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, headers, ...(signal === undefined ? {} : { signal }) }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** @throws KerbsideError `bad-settings` */
export function originOf(config: KubernetesAccess): string {
  const origin = config.getCurrentCluster()?.server
  if (origin !== undefined) return origin
  throw new KerbsideError('bad-settings', 'the kubeconfig names no API server')
}

/** The parser of JSON quotes what it cannot read, and an answer may be a Secret. */
const withoutText = (cause: unknown) => (cause instanceof SyntaxError ? new Error('the answer is not JSON') : cause)
