/**
 * Writes our CA into our own two webhook configurations, so that the API server trusts this server. Only into entries of
 * our name, and again whenever somebody applied a configuration without it.
 */
import {
  AdmissionregistrationV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1MutatingWebhookConfiguration,
  type V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node'
import { KerbsideError } from '../src/core/errors.ts'
import { apiStatus } from '../src/io/kubernetes.ts'

/** Webhooks run in the order of these names: before those of meshes, so that the sidecar ends up right behind their proxy. */
export const MUTATING_CONFIGURATION = 'a-kerbside'
export const VALIDATING_CONFIGURATION = 'kerbside'
const OURS = /\.kerbside\.io$/

type Configuration = V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration
type PatchBody = readonly { readonly op: 'test' | 'add'; readonly path: string; readonly value: string }[]

/** @throws KerbsideError `io-failed` when a configuration is not there or cannot be changed */
export async function publishTrust(config: KubeConfig, caPem: string): Promise<void> {
  const api = config.makeApiClient(AdmissionregistrationV1Api)
  const options = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)
  await update(MUTATING_CONFIGURATION, caPem, {
    read: (name) => api.readMutatingWebhookConfiguration({ name }),
    patch: (name, body) => api.patchMutatingWebhookConfiguration({ name, body }, options),
  })
  await update(VALIDATING_CONFIGURATION, caPem, {
    read: (name) => api.readValidatingWebhookConfiguration({ name }),
    patch: (name, body) => api.patchValidatingWebhookConfiguration({ name, body }, options),
  })
}

type Access = {
  read(name: string): Promise<Configuration>
  patch(name: string, body: PatchBody): Promise<unknown>
}

async function update(name: string, caPem: string, { read, patch }: Access): Promise<void> {
  try {
    const body = trustPatch(await read(name), caPem)
    if (body.length > 0) await patch(name, body)
  } catch (cause) {
    const isAbsent = apiStatus(cause) === 404
    throw new KerbsideError('io-failed', `the webhook configuration \`${name}\` cannot be given our CA`, {
      cause,
      hint: isAbsent ? 'it is not there: apply deploy/manifests' : 'the ClusterRole kerbside-webhook allows it',
    })
  }
}

/** What to change; a webhook that moved between reading and writing fails the `test` and is found at the next try. */
export function trustPatch({ webhooks = [] }: Configuration, caPem: string): PatchBody {
  const caBundle = Buffer.from(caPem).toString('base64')
  return webhooks.flatMap(({ name, clientConfig }, index) => {
    if (!OURS.test(name) || clientConfig.caBundle === caBundle) return []
    const at = `/webhooks/${index}`
    return [
      { op: 'test', path: `${at}/name`, value: name },
      { op: 'add', path: `${at}/clientConfig/caBundle`, value: caBundle },
    ] as const
  })
}
