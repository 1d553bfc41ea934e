/** Three questions to the API server, in its own JSON: the typed client would drop fields that it does not know. */

import type { RequestOptions } from 'node:https'
import { request } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { KerbsideError } from '../core/errors.ts'
import { AUDIENCE } from './caller.ts'

const TIMEOUT_MS = 5_000
const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024

export type ApiServer = {
  /** `status` of a TokenReview for our audience. @throws KerbsideError `io-failed` */
  reviewToken(token: string): Promise<unknown>
  /** The pod, or nothing when there is none of that name. @throws KerbsideError `io-failed` */
  readPod(namespace: string, name: string): Promise<unknown>
  /** The namespace, or nothing when there is none of that name. @throws KerbsideError `io-failed` */
  readNamespace(name: string): Promise<unknown>
}

export function apiServer(config: KubeConfig): ApiServer {
  const origin = config.getCurrentCluster()?.server
  if (origin === undefined) throw new KerbsideError('bad-settings', 'the kubeconfig names no API server')
  const read = async (path: string, what: string): Promise<unknown> => {
    const { status, body } = await ask(config, { url: new URL(path, origin), method: 'GET' })
    if (status === 200) return body
    if (status === 404) return undefined
    throw failed(`reading ${what} was answered with ${status}`, 'the ClusterRole kerbside-broker allows it')
  }
  return {
    async reviewToken(token) {
      const review = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [AUDIENCE] },
      }
      const path = '/apis/authentication.k8s.io/v1/tokenreviews'
      const { status, body } = await ask(config, { url: new URL(path, origin), method: 'POST', body: review })
      if (status === 201) return Object(body).status
      throw failed(`a TokenReview was answered with ${status}`, 'the ClusterRole kerbside-broker allows it')
    },
    readPod: (namespace, name) =>
      read(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`, 'a pod'),
    readNamespace: (name) => read(`/api/v1/namespaces/${encodeURIComponent(name)}`, 'a namespace'),
  }
}

type Question = { readonly url: URL; readonly method: 'GET' | 'POST'; readonly body?: object }

async function ask(config: KubeConfig, { url, method, body }: Question): Promise<{ status: number; body: unknown }> {
  // Brings the CA, our own credentials and an agent that keeps connections.
  const options: RequestOptions = { method, headers: {} }
  await config.applyToHTTPSOptions(options)
  const headers = { ...options.headers, accept: 'application/json', 'content-type': 'application/json' }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(failed('the API server does not answer', undefined, cause))
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

const failed = (message: string, hint?: string, cause?: unknown) =>
  new KerbsideError('io-failed', message, { cause, ...(hint === undefined ? {} : { hint }) })
