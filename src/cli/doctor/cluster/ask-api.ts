/** What doctor asks of an API server, as whoever the kubeconfig says: lists, and one pod in a dry run. Nothing is changed. */

import { type Answer, PROBE, PROBE_IDENTITY } from '../../../core/doctor/cluster/answer.ts'
import type { ClusterObjects } from '../../../core/doctor/cluster/objects.ts'
import { KerbsideError } from '../../../core/errors.ts'
import { asObject, type JsonObject, objectsAt, textAt } from '../../../core/identity/json.ts'
import { apiAnswer, apiRequest, UNHURRIED_MS } from '../../../io/api-server-request.ts'
import type { KubernetesAccess } from '../../../io/kubernetes.ts'

export type Api = {
  readonly access: KubernetesAccess
  /** Of our programs. */
  readonly namespace: string
  readonly signal: AbortSignal
}

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

const LISTS = {
  mutatingWebhooks: () => `${REGISTRATION}/mutatingwebhookconfigurations`,
  validatingWebhooks: () => `${REGISTRATION}/validatingwebhookconfigurations`,
  policies: () => `${REGISTRATION}/validatingadmissionpolicies`,
  policyBindings: () => `${REGISTRATION}/validatingadmissionpolicybindings`,
  namespaces: () => '/api/v1/namespaces',
  deployments: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  budgets: (namespace) => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
  clusterRoles: () => `${RBAC}/clusterroles`,
  roles: (namespace) => `${RBAC}/namespaces/${namespace}/roles`,
  clusterRoleBindings: () => `${RBAC}/clusterrolebindings`,
  roleBindings: () => `${RBAC}/rolebindings`,
} as const satisfies Record<keyof ClusterObjects, (namespace: string) => string>

/**
 * A list of objects of one kind, whole.
 * @throws KerbsideError `io-failed` where it may not be read
 */
export async function list(api: Api, what: keyof ClusterObjects): Promise<readonly JsonObject[]> {
  return objectsAt(await get(api, LISTS[what](encodeURIComponent(api.namespace))), 'items')
}

/** @throws KerbsideError `io-failed` where there is nothing at that path, or it may not be read */
export async function get(api: Api, path: string): Promise<JsonObject> {
  const found = await find(api, path)
  if (found !== undefined) return found
  throw new KerbsideError('io-failed', `the API server has no \`${path}\``)
}

/** Undefined where there is none. @throws KerbsideError `io-failed` where it may not be read */
export async function find({ access, signal }: Api, path: string): Promise<JsonObject | undefined> {
  const { status, body } = await apiRequest(access, { method: 'GET', path, signal, withinMs: UNHURRIED_MS })
  if (status === 404) return undefined
  if (status === 200) return asObject(body, path)
  const message = textAt(asObject(body ?? {}, path), 'message') ?? `HTTP ${status}`
  throw new KerbsideError('io-failed', `the API server does not show it: ${message}`, {
    hint: 'doctor needs to read webhook configurations, policies, RBAC, and what is in the namespace: run it as an administrator',
  })
}

/** Text of a page that one of our pods serves, through the API server. Undefined where it does not get there. */
export async function pageOfPod(
  { access, namespace, signal }: Api,
  pod: string,
  port: number,
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/https:${encodeURIComponent(pod)}:${port}/proxy/metrics`
  const bound = AbortSignal.any([signal, AbortSignal.timeout(UNHURRIED_MS)])
  try {
    const answer = await apiAnswer(access, { method: 'GET', path, signal: bound })
    let text = ''
    answer.setEncoding('utf8')
    for await (const piece of answer as AsyncIterable<string>) text += piece
    return answer.statusCode === 200 ? text : undefined
  } catch {
    return undefined
  }
}

/** Asks for a pod that policy cannot allow; were it admitted, a dry run leaves nothing behind. */
export async function askForPod({ access, signal }: Api, namespace: string): Promise<Answer> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: PROBE, labels: { 'kerbside.io/identity': PROBE_IDENTITY } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'none',
          image: 'none.invalid/none',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?dryRun=All`
  const { status, body } = await apiRequest(access, { method: 'POST', path, body: pod, signal, withinMs: UNHURRIED_MS })
  return { status, message: textAt(asObject(body ?? {}, path), 'message') ?? '' }
}
