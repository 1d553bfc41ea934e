/**
 * Writes our CA into our own two webhook configurations, so that the API server trusts this server. Only into entries of
 * our name, and again whenever somebody applied a configuration without it.
 */
import { KerbsideError } from '../src/core/errors.ts'
import { type ApiAnswer, apiRequest, UNHURRIED_MS as withinMs } from '../src/io/api-server-request.ts'
import type { KubernetesAccess } from '../src/io/kubernetes.ts'
import { certificatesIn } from '../src/io/tls/authority-rotation.ts'

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

/** Certificates in PEM. */
export type Published = {
  /** What is to be trusted. */
  readonly ours: string
  /** What others of us may have put beside it: while one way to certificates takes the place of another, both serve. */
  readonly beside: string
}

/** @throws KerbsideError `io-failed` when a configuration is not there or cannot be changed */
export async function publishTrust(config: KubernetesAccess, trust: Published): Promise<void> {
  for (const name of CONFIGURATIONS) {
    const path = `/apis/admissionregistration.k8s.io/v1/${name}`
    const read = await apiRequest(config, { method: 'GET', path, withinMs })
    if (read.status !== 200) throw failed(name, read)
    const body = trustPatch(read.body as Configuration, trust)
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
export function trustPatch({ webhooks = [] }: Configuration, trust: Published): PatchBody {
  return webhooks.flatMap(({ name, clientConfig }, index) => {
    const present = Buffer.from(clientConfig.caBundle ?? '', 'base64').toString()
    if (!OURS.test(name) || isEnough(present, trust)) return []
    const at = `/webhooks/${index}`
    const wanted = Buffer.from(`${trust.ours}${kept(present, trust)}`)
    return [
      { op: 'test', path: `${at}/name`, value: name },
      { op: 'add', path: `${at}/clientConfig/caBundle`, value: wanted.toString('base64') },
    ] as const
  })
}

/** All of ours, and nothing that nobody named: who adds an authority of his own could pass for us. */
function isEnough(present: string, { ours, beside }: Published): boolean {
  const [held, wanted, known] = [present, ours, `${ours}${beside}`].map(listOf) as [string[], string[], string[]]
  const isNothingElse = held.join('') === bare(present) && held.every((each) => known.includes(each))
  return isNothingElse && wanted.every((each) => held.includes(each))
}

/** What others of us put there: those still serve, and would write it again. */
const kept = (present: string, { ours, beside }: Published): string =>
  certificatesIn(present)
    .filter((each) => listOf(beside).includes(bare(each)) && !listOf(ours).includes(bare(each)))
    .join('')

const bare = (certificate: string): string => certificate.replace(/\s/g, '')
const listOf = (pem: string): string[] => certificatesIn(pem).map(bare)
