/** The secret store that the broker's own file names, and the broker's login to it. */

import { readSecretsSource } from '../core/secrets-source.ts'
import type { KubernetesAccess } from '../io/kubernetes.ts'
import type { SecretStore } from '../io/secret-store.ts'
import { openSecretStore } from '../io/secret-stores/open.ts'
import { readSettingsFile } from '../io/settings-file.ts'

/**
 * @param cluster how to reach the API server, asked for only where the Secrets are Kubernetes's
 * @throws KerbsideError `bad-settings`
 */
export async function openSecretsStore(file: string, cluster: () => Promise<KubernetesAccess>): Promise<SecretStore> {
  const source = readSecretsSource(await readSettingsFile(file, '--secrets'), file)
  if (source.store !== 'kubernetes') return openSecretStore(source)
  const { kubernetesStore } = await import('../io/secret-stores/kubernetes.ts')
  return kubernetesStore({ config: await cluster(), namespaces: source.namespaces })
}
