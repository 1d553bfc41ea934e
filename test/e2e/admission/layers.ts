/**
 * The layers of admission at the API server, taken away and brought back one by one: the mutating webhook, the validating
 * one, and the policies. What it takes away it takes from every namespace, so no other test may run meanwhile.
 */
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { api, readManifests, until } from './installation.ts'
import { asTenant, podNamed, pods } from './tenant.ts'

export const LAYERS = ['mutate', 'validate', 'policies'] as const
export type Layer = (typeof LAYERS)[number]

const CONFIGURATIONS = {
  mutate: 'mutatingwebhookconfigurations/a-kerbside',
  validate: 'validatingwebhookconfigurations/kerbside',
} as const
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'
const BINDINGS = `${REGISTRATION}/validatingadmissionpolicybindings`
/** As administrator: the layers answer before it is known that no such container can be. */
const DEBUGGER = {
  spec: { ephemeralContainers: [{ name: 'kerbside-probe', image: 'i', terminationMessagePolicy: 'File' }] },
}
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' }

/** What Pod Security would refuse as well is refused by us alone where it is not enforced. */
export async function podSecurity(level: 'restricted' | 'privileged'): Promise<void> {
  for (const namespace of ['ml-quant', 'ml-climate']) {
    const label = `pod-security.kubernetes.io/enforce=${level}`
    await api.kubectl(['label', 'namespace', namespace, label, '--overwrite'])
  }
}

/** Resolves when those layers answer and no others do. There must be the pod `train`, with the sidecar in it. */
export async function switchTo(wanted: ReadonlySet<Layer>): Promise<void> {
  await switchWebhook('mutate', wanted.has('mutate'))
  await switchWebhook('validate', wanted.has('validate'))
  await switchPolicies(wanted.has('policies'))
  for (const layer of LAYERS) {
    await until(
      `${layer} to be ${wanted.has(layer) ? 'on' : 'off'}`,
      async () => (await answers(layer)) === wanted.has(layer),
    )
  }
}

/** A configuration that is deleted would come back without the CA, which the webhook writes into it once a minute. */
async function switchWebhook(layer: 'mutate' | 'validate', on: boolean): Promise<void> {
  const value = on ? {} : { matchLabels: { nowhere: 'nowhere' } }
  const body = [{ op: 'add', path: '/webhooks/0/namespaceSelector', value }]
  const headers = { 'content-type': 'application/json-patch+json' }
  const { status, body: told } = await api.api(`${REGISTRATION}/${CONFIGURATIONS[layer]}`, {
    method: 'PATCH',
    headers,
    body,
  })
  if (status !== 200) throw new Error(told)
}

/** In the order of their names, which ends with the one that {@link answers} asks: when it answers, all do. */
async function switchPolicies(on: boolean): Promise<void> {
  const ours = readManifests(['60-guards.yaml']).filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
  const nameOf = ({ metadata }: JsonObject) => String(Object(metadata).name)
  for (const binding of ours.sort((one, other) => nameOf(one).localeCompare(nameOf(other)))) {
    await (on
      ? api.api(BINDINGS, { method: 'POST', body: binding })
      : api.api(`${BINDINGS}/${nameOf(binding)}`, { method: 'DELETE' }))
  }
}

async function answers(layer: Layer): Promise<boolean> {
  const dryRun = { method: 'POST', body: podNamed('probe') } as const
  if (layer === 'policies') {
    const body = { spec: { audiences: ['kerbside.io'] } }
    const path = '/api/v1/namespaces/ml-quant/serviceaccounts/trainer/token'
    const forward = await asTenant('POST', `${pods()}/train/portforward`)
    const token = await api.api(path, { method: 'POST', body })
    const [last, first] = [token.body, JSON.stringify(forward.object)].map((told) => told.includes('kerbside-'))
    return first === last ? first === true : answers(layer)
  }
  if (layer === 'validate') {
    const path = `${pods()}/train/ephemeralcontainers?dryRun=All`
    const { body } = await api.api(path, { method: 'PATCH', headers: STRATEGIC, body: DEBUGGER })
    return body.includes('validate.kerbside.io')
  }
  const { status, body } = await api.api(`${pods()}?dryRun=All`, dryRun)
  return status === 201 && body.includes('"kerbside-token"')
}
