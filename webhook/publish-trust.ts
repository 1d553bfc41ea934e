/**
 * Writes our CA into our own two webhook configurations, so that the API server trusts this server. Only into entries of
 * our name, and again whenever somebody applied a configuration without it.
 */
import { KerbsideError } from '../src/core/errors.ts'
import { type ApiAnswer, apiRequest, UNHURRIED_MS as withinMs } from '../src/io/api-server-request.ts'
import type { KubernetesAccess } from '../src/io/kubernetes.ts'

/** Webhooks run in the order of these names: before those of meshes, so that the sidecar ends up right behind their proxy. */
export const MUTATING_CONFIGURATION = 'a-kerbside'
export const VALIDATING_CONFIGURATION = 'kerbside'
const OURS = /\.kerbside\.io$/
const CONFIGURATIONS = [
  `mutatingwebhookconfigurations/${MUTATING_CONFIGURATION}`,
  `validatingwebhookconfigurations/${VALIDATING_CONFIGURATION}`,
]

/** As much of a configuration, of either kind, as is looked at. */
type Configuration = {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[]
}
type PatchBody = readonly { readonly op: 'test' | 'add'; readonly path: string; readonly value: string }[]

/** @throws KerbsideError `io-failed` when a configuration is not there or cannot be changed */
export async function publishTrust(config: KubernetesAccess, caPem: string): Promise<void> {
  for (const name of CONFIGURATIONS) {
    const path = `/apis/admissionregistration.k8s.io/v1/${name}`
    const read = await apiRequest(config, { method: 'GET', path, withinMs })
    if (read.status !== 200) throw failed(name, read)
    const body = trustPatch(read.body as Configuration, caPem)
    if (body.length === 0) continue
    const patched = await apiRequest(config, {
      method: 'PATCH',
      path,
      body,
      contentType: 'application/json-patch+json',
      withinMs,
    })
    if (patched.status !== 200) throw failed(name, patched)
  }
}

const failed = (name: string, { status }: ApiAnswer) =>
  new KerbsideError('io-failed', `\`${name}\` cannot be given our CA: the API server answers ${status}`, {
    hint: status === 404 ? 'it is not there: apply deploy/manifests' : 'the ClusterRole kerbside-webhook allows it',
  })

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
