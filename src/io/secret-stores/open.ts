/** The secret store that the settings name. A store's code, and a cloud's SDK, is loaded only when it is the one. */
import { KerbsideError } from '../../core/errors.ts'
import type { Slice } from '../../core/policy/slice.ts'
import { SETTINGS, type Settings } from '../../core/settings.ts'
import { type StorePlace, storeProblems } from '../../core/store-needs.ts'
import type { SecretStore } from '../secret-store.ts'

export type StoreSettings = StorePlace & Pick<Settings, 'ca' | 'tokenFile'>

/** @throws KerbsideError `bad-settings` that names all that the chosen store cannot do without */
export function checkStoreSettings(settings: StoreSettings): void {
  const problems = storeProblems(settings)
  if (problems.length === 0) return
  const sentences = problems.map(({ setting, message }) => `${SETTINGS[setting].env} ${message}`)
  throw new KerbsideError('bad-settings', sentences.join('; '))
}

/**
 * Asked before a first login: no try mends what only policy or the settings can.
 * @throws KerbsideError `bad-settings` when policy has the identity ask a store by itself, and there is none
 */
export function checkSecretsWay(
  { store }: Pick<StoreSettings, 'store'>,
  { identity, secretsThrough }: Pick<Slice, 'identity' | 'secretsThrough'>,
): void {
  if (store === 'none' && secretsThrough !== 'broker') throw noStore(`the identity \`${identity}\``)
}

const noStore = (who: string) =>
  new KerbsideError('bad-settings', `this sidecar has no secret store, and policy has ${who} ask one by itself`, {
    hint: 'the Identity must say `secretsThrough: broker`, or KERBSIDE_STORE must name a store',
  })

/** Kubernetes's own Secrets are not among them: whoever shares the pod's service account could read them, so the broker does. */
type Opener = (settings: StoreSettings) => Promise<SecretStore>

const openVault: Opener = async ({ storeUrl: url, storeMount: mount, storeRole: role, ...settings }) => {
  const { vaultStore } = await import('./vault.ts')
  const { storeKvVersion: kvVersion, ca, tokenFile } = settings
  const auth = unlessNone(settings.storeAuth) ?? 'kubernetes'
  const namespace = unlessNone(settings.storeNamespace)
  return vaultStore({ url, mount, kvVersion, auth, role, namespace, ca, tokenFile })
}

const OPENERS: Readonly<Record<Settings['store'], Opener>> = {
  async none() {
    throw noStore('it')
  },
  async files({ storeMount }) {
    const { filesStore } = await import('./files.ts')
    return filesStore(storeMount)
  },
  vault: openVault,
  openbao: openVault,
  async aws({ storeMount: region, storeRole: role, ca, tokenFile, ...settings }) {
    const { awsStore } = await import('./aws.ts')
    const auth = settings.storeAuth === 'pod-identity' ? 'pod-identity' : 'web-identity'
    const urls = { url: unlessNone(settings.storeUrl), loginUrl: unlessNone(settings.storeLoginUrl) }
    return awsStore({ region, auth, role, ca, tokenFile, ...urls })
  },
  async gcp({ storeMount: project, storeAuth: provider, ca, tokenFile, ...settings }) {
    const { gcpStore } = await import('./gcp.ts')
    const loginUrl = unlessNone(settings.storeLoginUrl)
    const urls = { url: unlessNone(settings.storeUrl), exchangeUrl: loginUrl, impersonationUrl: loginUrl }
    return gcpStore({ project, provider, serviceAccount: unlessNone(settings.storeRole), ca, tokenFile, ...urls })
  },
  async azure({ storeUrl: url, storeAuth: tenant, storeRole: clientId, ca, tokenFile, ...settings }) {
    const { azureStore } = await import('./azure.ts')
    return azureStore({ url, tenant, clientId, loginUrl: unlessNone(settings.storeLoginUrl), ca, tokenFile })
  },
}

/** @throws KerbsideError `bad-settings` */
export async function openSecretStore(settings: StoreSettings): Promise<SecretStore> {
  checkStoreSettings(settings)
  return OPENERS[settings.store](settings)
}

const unlessNone = (text: string) => (text === 'none' ? undefined : text)
