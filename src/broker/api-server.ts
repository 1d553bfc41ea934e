/** The questions that the broker has for the API server. */

import { KerbsideError } from '../core/errors.ts'
import { apiRequest, originOf } from '../io/api-server-request.ts'
import type { KubernetesAccess } from '../io/kubernetes.ts'
import { AUDIENCE } from './caller.ts'

export type ApiServer = {
  /** `status` of a TokenReview for our audience. @throws KerbsideError `io-failed` */
  reviewToken(token: string): Promise<unknown>
  /** The pod, or nothing when there is none of that name. @throws KerbsideError `io-failed` */
  readPod(namespace: string, name: string): Promise<unknown>
  /** The namespace, or nothing when there is none of that name. @throws KerbsideError `io-failed` */
  readNamespace(name: string): Promise<unknown>
  /** Posts an Event of core/v1 in a namespace. @throws KerbsideError `io-failed` */
  createEvent(namespace: string, event: object): Promise<void>
}

/** @throws KerbsideError `bad-settings` when it is not said where the API server is */
export function apiServer(config: KubernetesAccess): ApiServer {
  originOf(config)
  const read = async (path: string, what: string): Promise<unknown> => {
    const { status, body } = await apiRequest(config, { method: 'GET', path })
    if (status === 200) return body
    if (status === 404) return undefined
    throw failed(`reading ${what} was answered with ${status}`)
  }
  return {
    async reviewToken(token) {
      const review = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [AUDIENCE] },
      }
      const path = '/apis/authentication.k8s.io/v1/tokenreviews'
      const { status, body } = await apiRequest(config, { method: 'POST', path, body: review })
      if (status === 201) return Object(body).status
      throw failed(`a TokenReview was answered with ${status}`)
    },
    readPod: (namespace, name) =>
      read(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`, 'a pod'),
    readNamespace: (name) => read(`/api/v1/namespaces/${encodeURIComponent(name)}`, 'a namespace'),
    async createEvent(namespace, event) {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`
      const { status } = await apiRequest(config, { method: 'POST', path, body: event })
      if (status !== 201) throw failed(`posting an Event was answered with ${status}`)
    },
  }
}

const failed = (message: string) =>
  new KerbsideError('io-failed', message, { hint: 'the ClusterRole kerbside-broker allows it' })
