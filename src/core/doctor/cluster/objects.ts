/** Objects of the API server as doctor compares them: those that the manifests hold with those that are there. */
import { type JsonObject, objectAt, objectsAt, textAt, textsAt } from '../../identity/json.ts'

/** What is there, of one kind each; only those of our namespace where a kind has namespaces. */
export type ClusterObjects = {
  readonly mutatingWebhooks: readonly JsonObject[]
  readonly validatingWebhooks: readonly JsonObject[]
  readonly policies: readonly JsonObject[]
  readonly policyBindings: readonly JsonObject[]
  /** Of all of the cluster. */
  readonly namespaces: readonly JsonObject[]
  readonly deployments: readonly JsonObject[]
  readonly budgets: readonly JsonObject[]
  readonly clusterRoles: readonly JsonObject[]
  readonly roles: readonly JsonObject[]
  readonly clusterRoleBindings: readonly JsonObject[]
  /** Of all namespaces: a right in any of them is a right. */
  readonly roleBindings: readonly JsonObject[]
}

export const nameOf = (object: JsonObject): string => textAt(objectAt(object, 'metadata'), 'name') ?? ''
export const namespaceOf = (object: JsonObject): string => textAt(objectAt(object, 'metadata'), 'namespace') ?? ''

/** Of the manifests, by their kind. */
export const ofKind = (expected: readonly JsonObject[], kind: string): readonly JsonObject[] =>
  expected.filter((object) => textAt(object, 'kind') === kind)

export const named = (objects: readonly JsonObject[], name: string): JsonObject | undefined =>
  objects.find((object) => nameOf(object) === name)

/** Of all containers of a Deployment. */
export const argumentsOf = (deployment: JsonObject): readonly string[] =>
  objectsAt(objectAt(objectAt(objectAt(deployment, 'spec'), 'template'), 'spec'), 'containers').flatMap((container) =>
    textsAt(container, 'args'),
  )

/** How a person applies what is missing. */
export const applyFile = (file: string): string => `kubectl apply -f deploy/manifests/${file}`

/** The same where somebody added something: what he added, applying leaves where it is. */
export const replaceFile = (file: string): string => `kubectl replace -f deploy/manifests/${file}`
