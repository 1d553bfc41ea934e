/** `kerbside doctor cluster`: looks at an installation through the API server, and compares it with the manifests. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { lookAtAnswer } from '../../../core/doctor/cluster/answer.ts'
import { CLUSTER_CHECK_NAMES, type ClusterCheck } from '../../../core/doctor/cluster/checks.ts'
import { lookAtGuards } from '../../../core/doctor/cluster/guards.ts'
import type { ClusterObjects } from '../../../core/doctor/cluster/objects.ts'
import { lookAtOrder } from '../../../core/doctor/cluster/order.ts'
import { lookAtPrograms } from '../../../core/doctor/cluster/programs.ts'
import { lookAtRights } from '../../../core/doctor/cluster/rights.ts'
import { lookAtTrust } from '../../../core/doctor/cluster/trust.ts'
import { lookAtWebhooks } from '../../../core/doctor/cluster/webhooks.ts'
import { type Finding, failed, ok, type Said } from '../../../core/doctor/finding.ts'
import type { JsonObject } from '../../../core/identity/json.ts'
import { textAt } from '../../../core/identity/json.ts'
import { originOf } from '../../../io/api-server-request.ts'
import { kubernetesConfig } from '../../../io/kubernetes.ts'
import type { Given } from '../../command.ts'
import { manifests } from '../../render.ts'
import { type Api, askForPod, get, list } from './ask-api.ts'
import { lookAtPolicy } from './read-policy.ts'
import { bundlesOf, signingAuthorities } from './read-trust.ts'

type Look = {
  readonly api: Api
  readonly expected: readonly JsonObject[]
  readonly options: Given['options']
  /** Each is asked for once, whichever checks need it. */
  objects<K extends keyof ClusterObjects>(...kinds: readonly K[]): Promise<Pick<ClusterObjects, K>>
}

const LOOKS: { readonly [C in ClusterCheck]: (look: Look) => Promise<readonly Said[]> } = {
  server: async ({ api }) => [await lookAtServer(api)],
  webhooks: async ({ expected, objects }) =>
    lookAtWebhooks(expected, await objects('mutatingWebhooks', 'validatingWebhooks', 'namespaces')),
  trust: async ({ api, expected, objects }) => {
    const { mutatingWebhooks, validatingWebhooks } = await objects('mutatingWebhooks', 'validatingWebhooks')
    const bundles = bundlesOf(expected, [...mutatingWebhooks, ...validatingWebhooks])
    const { deployments } = await objects('deployments').catch(() => ({ deployments: [] }))
    return lookAtTrust({ bundles, signing: await signingAuthorities(api), deployments }, Date.now())
  },
  order: async ({ expected, objects }) => lookAtOrder(expected, await objects('mutatingWebhooks')),
  answer: async ({ api, options }) => [lookAtAnswer(await askForPod(api, String(options.get('probeNamespace'))))],
  guards: async ({ expected, objects }) => lookAtGuards(expected, await objects('policies', 'policyBindings')),
  programs: async ({ expected, objects }) => lookAtPrograms(expected, await objects('deployments', 'budgets')),
  policy: async ({ api, options, objects }) => {
    const trust = options.get('trust')
    return lookAtPolicy(api, (await objects('deployments')).deployments, typeof trust === 'string' ? trust : undefined)
  },
  rights: async ({ api, expected, objects }) =>
    lookAtRights(
      expected,
      await objects('clusterRoles', 'roles', 'clusterRoleBindings', 'roleBindings'),
      api.namespace,
    ),
}

/**
 * Checks run side by side; what one of them cannot read is its own finding.
 * @throws KerbsideError `io-failed`, `bad-settings` when no kubeconfig says where the API server is
 */
export async function lookAtCluster({ options, environment }: Given, signal: AbortSignal): Promise<readonly Finding[]> {
  const access = await kubernetesConfig(kubeconfigOf(options, environment), environment)
  const api = { access, namespace: String(options.get('namespace')), signal }
  const asked = new Map<keyof ClusterObjects, Promise<readonly JsonObject[]>>()
  const once = (kind: keyof ClusterObjects) => {
    const list_ = asked.get(kind) ?? list(api, kind)
    asked.set(kind, list_)
    return list_
  }
  const objects: Look['objects'] = async (...kinds) =>
    Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, await once(kind)])))
  const look = { api, options, objects, expected: (await manifests()).flatMap(documentsIn) }
  const found = await Promise.all(
    CLUSTER_CHECK_NAMES.map(async (check) => {
      const began = performance.now()
      const said = await LOOKS[check](look).catch((thrown: unknown) => [failed(thrown)])
      const ms = performance.now() - began
      return said.map((each): Finding => ({ check, ms, ...each }))
    }),
  )
  return found.flat()
}

/** As kubectl finds it; in a pod without one, the service account of the pod. */
function kubeconfigOf(options: Given['options'], environment: Given['environment']): string | undefined {
  const given = options.get('kubeconfig') ?? environment['KUBECONFIG']
  if (typeof given === 'string' && given !== '') return given
  const usual = join(environment['HOME'] ?? '/', '.kube/config')
  return existsSync(usual) ? usual : undefined
}

const documentsIn = (text: string): readonly JsonObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as JsonObject)

const OLDEST_MINOR = 30

async function lookAtServer(api: Api): Promise<Said> {
  const version = await get(api, '/version')
  const [major, minor] = [textAt(version, 'major'), textAt(version, 'minor')].map((text) =>
    Number.parseInt(text ?? '', 10),
  )
  const says = `${textAt(version, 'gitVersion')} at ${originOf(api.access)}`
  if ((major ?? 0) > 1 || (minor ?? 0) >= OLDEST_MINOR) return ok(says)
  const advice = 'native sidecars and ValidatingAdmissionPolicies are there from 1.30 on'
  return { state: 'fail', says: `${says} is too old`, advice }
}
