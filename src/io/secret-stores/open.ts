/** The secret store that the settings name. A store's code is loaded only when it is the one. */
import { KerbsideError } from '../../core/errors.ts'
import { SETTINGS, type Settings } from '../../core/settings.ts'
import type { SecretStore } from '../secret-store.ts'

export type StoreSettings = Pick<Settings, 'store' | 'storeUrl' | 'storeMount' | 'storeRole' | 'ca' | 'tokenFile'>

/** What the chosen store cannot do without. @throws KerbsideError `bad-settings` that names all that is missing */
export function checkStoreSettings({ store, storeUrl, storeMount, storeRole }: StoreSettings): void {
  const problems: string[] = []
  const need = (is: boolean, { env }: { readonly env: string }, given: string, what: string) => {
    if (!is) problems.push(`${env} is \`${given}\`, but the store \`${store}\` needs ${what}`)
  }
  if (store === 'files') need(storeMount.startsWith('/'), SETTINGS.storeMount, storeMount, 'an absolute folder')
  if (store === 'openbao') {
    need(storeUrl !== 'none', SETTINGS.storeUrl, storeUrl, 'an address')
    need(storeRole !== 'none', SETTINGS.storeRole, storeRole, 'a role')
  }
  if (problems.length > 0) throw new KerbsideError('bad-settings', problems.join('; '))
}

export async function openSecretStore(settings: StoreSettings): Promise<SecretStore> {
  checkStoreSettings(settings)
  if (settings.store === 'files') {
    const { filesStore } = await import('./files.ts')
    return filesStore(settings.storeMount)
  }
  const { openbaoStore } = await import('./openbao.ts')
  const { storeUrl: url, storeMount: mount, storeRole: role, ca, tokenFile } = settings
  return openbaoStore({ url, mount, role, ca, tokenFile })
}
