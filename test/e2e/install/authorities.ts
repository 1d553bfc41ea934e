/** Whose certificates an installation has, and whose are trusted to be its own. */
import { certificatesIn } from '../../../src/io/tls/authority-rotation.ts'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { NAMESPACE } from './helm.ts'

/** Kerbside's own authority, in PEM. @throws where it has none */
export async function ownAuthority({ get }: Kubernetes): Promise<string> {
  type Secret = { readonly data?: Readonly<Record<string, string>> }
  const secret = await get<Secret>(`/api/v1/namespaces/${NAMESPACE}/secrets/kerbside-ca`)
  const ours = Buffer.from(secret?.data?.['ca.crt'] ?? '', 'base64').toString()
  if (ours === '') throw new Error('the installation has no authority of its own')
  return ours
}

const CONFIGURATIONS = ['mutatingwebhookconfigurations/a-kerbside', 'validatingwebhookconfigurations/kerbside']
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'

/** Whom the API server trusts to be the webhook, as PEM: once where both configurations say the same. */
export async function trusted({ get }: Kubernetes): Promise<readonly string[]> {
  type Configuration = { readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[] }
  const found = await Promise.all(CONFIGURATIONS.map((name) => get<Configuration>(`${REGISTRATION}/${name}`)))
  const bundles = found.flatMap((each) => each?.webhooks.map(({ clientConfig }) => clientConfig.caBundle) ?? [])
  return [...new Set(bundles.map((bundle) => Buffer.from(bundle, 'base64').toString()))]
}

/** Writes it over what both configurations trust. @param pem of authorities */
export async function trust({ api }: Kubernetes, pem: string): Promise<void> {
  const headers = { 'content-type': 'application/json-patch+json' }
  const value = Buffer.from(pem).toString('base64')
  const body = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }]
  for (const name of CONFIGURATIONS) {
    const { status } = await api(`${REGISTRATION}/${name}`, { method: 'PATCH', headers, body })
    if (status !== 200) throw new Error(`${name} was not changed: ${status}`)
  }
}

/** Certificates without the order and the white space that they stand in. */
export const certificatesOf = (pem: string): readonly string[] =>
  certificatesIn(pem)
    .map((one) => one.replace(/\s/g, ''))
    .sort()
