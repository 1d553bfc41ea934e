/** The secret store that the settings name. A store's code is loaded only when it is the one. */
import type { Settings } from '../../core/settings.ts'
import type { SecretStore } from '../secret-store.ts'

export type StoreSettings = Pick<Settings, 'store' | 'storeUrl' | 'storeMount' | 'storeRole' | 'ca' | 'tokenFile'>

export async function openSecretStore(settings: StoreSettings): Promise<SecretStore> {
  if (settings.store === 'files') {
    const { filesStore } = await import('./files.ts')
    return filesStore(settings.storeMount)
  }
  const { openbaoStore } = await import('./openbao.ts')
  const { storeUrl: url, storeMount: mount, storeRole: role, ca, tokenFile } = settings
  return openbaoStore({ url, mount, role, ca, tokenFile })
}
