/** A cluster in which everything is as the manifests have it, to be broken in one place. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type ClusterObjects, nameOf, ofKind } from '../../../../src/core/doctor/cluster/objects.ts'
import type { JsonObject } from '../../../../src/core/identity/json.ts'
import { ROOT } from '../../../suite.ts'

const MANIFESTS = join(ROOT, 'deploy/manifests')

export const EXPECTED: readonly JsonObject[] = readdirSync(MANIFESTS)
  .filter((file) => /^\d.*\.yaml$/.test(file))
  .flatMap((file) => parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8')))
  .map((document) => document.toJS() as JsonObject)

/** Objects that a test may write into. */
// biome-ignore lint/suspicious/noExplicitAny: what is broken in them has no type
export type Loose = any

/** Fresh copies, with the status that the API server would add. */
export function installation(): { readonly [K in keyof ClusterObjects]: Loose[] } {
  const live = (kind: string): Loose[] => structuredClone(ofKind(EXPECTED, kind)) as Loose[]
  const deployments = live('Deployment')
  for (const one of deployments) one.status = { readyReplicas: one.spec.replicas ?? 1, conditions: [] }
  return {
    mutatingWebhooks: live('MutatingWebhookConfiguration'),
    validatingWebhooks: live('ValidatingWebhookConfiguration'),
    policies: live('ValidatingAdmissionPolicy'),
    policyBindings: live('ValidatingAdmissionPolicyBinding'),
    namespaces: ['kerbside', 'ml-quant', 'ml-climate'].map((name) => ({
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    })),
    deployments,
    budgets: live('PodDisruptionBudget'),
    clusterRoles: live('ClusterRole'),
    roles: live('Role'),
    clusterRoleBindings: live('ClusterRoleBinding'),
    roleBindings: live('RoleBinding'),
  }
}

/** The object of that name in a list that holds it. */
export function theOne(objects: Loose[], name: string): Loose {
  const found = objects.find((object) => nameOf(object) === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

/** Takes it out of the list. */
export const without = (objects: Loose[], name: string): unknown =>
  objects.splice(objects.indexOf(theOne(objects, name)), 1)

export type World = ReturnType<typeof installation>

/** What is wrong, which look tells it, how it came to be, and the lines that are told. */
export type Broken = readonly [
  string,
  'webhooks' | 'order' | 'guards' | 'programs' | 'rights',
  (world: World) => void,
  readonly RegExp[],
]
