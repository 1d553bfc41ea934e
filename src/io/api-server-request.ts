/** One request to the API server, in its own JSON: the typed client would drop fields that it does not know. */
import type { RequestOptions } from 'node:https'
import { request } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { KerbsideError } from '../core/errors.ts'

export type ApiRequest = {
  readonly method: 'GET' | 'POST'
  /** `/api/v1/namespaces/ml-quant`, each name in it encoded. */
  readonly path: string
  readonly body?: object
  readonly signal?: AbortSignal
}

export type ApiAnswer = { readonly status: number; readonly body: unknown }

const TIMEOUT_MS = 5_000
const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024

/**
 * Every status is an answer.
 * @throws KerbsideError `io-failed` when there is none, `bad-settings` when there is no API server
 */
export async function apiRequest(config: KubeConfig, asked: ApiRequest): Promise<ApiAnswer> {
  const { method, path, body } = asked
  const url = new URL(path, originOf(config))
  // Brings the CA, our own credentials and an agent that keeps connections.
  const options: RequestOptions = { method, headers: {} }
  await config.applyToHTTPSOptions(options)
  const headers = { ...options.headers, accept: 'application/json', 'content-type': 'application/json' }
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const signal = asked.signal === undefined ? timeout : AbortSignal.any([timeout, asked.signal])
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new KerbsideError('io-failed', 'the API server does not answer', { cause: withoutText(cause) }))
    const outgoing = request(url, { ...options, headers, signal }, (incoming) => {
      const chunks: Buffer[] = []
      let length = 0
      incoming.on('error', fail)
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > LARGEST_ANSWER_BYTES) incoming.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      incoming.on('end', () => {
        try {
          resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) })
        } catch (cause) {
          fail(cause)
        }
      })
    })
    outgoing.on('error', fail)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** @throws KerbsideError `bad-settings` */
export function originOf(config: KubeConfig): string {
  const origin = config.getCurrentCluster()?.server
  if (origin !== undefined) return origin
  throw new KerbsideError('bad-settings', 'the kubeconfig names no API server')
}

/** The parser of JSON quotes what it cannot read, and an answer may be a Secret. */
const withoutText = (cause: unknown) => (cause instanceof SyntaxError ? new Error('the answer is not JSON') : cause)
