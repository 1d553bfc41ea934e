/** An authority that is not Kerbside's own, and what it gives programs whose certificates are files: the Secrets that the chart names. */
import { issueLeaf, LIVES, newAuthority } from '../../../src/io/tls/certificates.ts'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { NAMESPACE } from './helm.ts'

const PROGRAMS = ['webhook', 'broker'] as const
const secretOf = (program: string): string => `kerbside-${program}-tls`

export type OtherAuthority = {
  /** PEM. */
  readonly theirs: string
  /** Kerbside's own and theirs. */
  readonly both: string
  end(): Promise<void>
}

/** The installation has its own by then, and goes on with it until somebody says otherwise. */
export async function bringAuthority({ get, apply, kubectl }: Kubernetes): Promise<OtherAuthority> {
  const authority = await newAuthority(Date.now(), LIVES)
  const theirs = authority.certificatePem
  const secrets = PROGRAMS.map(async (program) => {
    const leaf = await issueLeaf(authority, [`kerbside-${program}.${NAMESPACE}.svc`], Date.now())
    const stringData = { 'tls.crt': leaf.certificatePem, 'tls.key': leaf.keyPem, 'ca.crt': theirs }
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretOf(program), namespace: NAMESPACE }, stringData }
  })
  await apply(await Promise.all(secrets))
  type Secret = { readonly data: Readonly<Record<string, string>> }
  const own = await get<Secret>(`/api/v1/namespaces/${NAMESPACE}/secrets/kerbside-ca`)
  const ours = Buffer.from(own?.data['ca.crt'] ?? '', 'base64').toString()
  if (ours === '') throw new Error('the installation has no authority of its own yet')
  return {
    theirs,
    both: `${ours}${theirs}`,
    async end() {
      await kubectl(['delete', 'secret', ...PROGRAMS.map(secretOf), '-n', NAMESPACE, '--ignore-not-found'])
    },
  }
}

const CONFIGURATIONS = ['mutatingwebhookconfigurations/a-kerbside', 'validatingwebhookconfigurations/kerbside']

/** Whom the API server trusts to be the webhook, as PEM: once where both configurations say the same. */
export async function trusted({ get }: Kubernetes): Promise<readonly string[]> {
  type Configuration = { readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[] }
  const path = (name: string) => `/apis/admissionregistration.k8s.io/v1/${name}`
  const found = await Promise.all(CONFIGURATIONS.map((name) => get<Configuration>(path(name))))
  const bundles = found.flatMap((each) => each?.webhooks.map(({ clientConfig }) => clientConfig.caBundle) ?? [])
  return [...new Set(bundles.map((bundle) => Buffer.from(bundle, 'base64').toString()))]
}
