/** What each secret store cannot do without. The webhook asks before it writes the settings, the sidecar before it uses them. */
import type { Settings } from './settings.ts'

/** Where the store is and how it is logged in to; `none` stands for what is not said. */
export type StorePlace = Pick<
  Settings,
  | 'store'
  | 'storeUrl'
  | 'storeMount'
  | 'storeRole'
  | 'storeAuth'
  | 'storeLoginUrl'
  | 'storeNamespace'
  | 'storeKvVersion'
>

type StoreSetting = 'storeUrl' | 'storeMount' | 'storeRole' | 'storeAuth' | 'storeNamespace'
type Need = { readonly setting: StoreSetting; readonly is: RegExp; readonly what: string }
export type StoreProblem = { readonly setting: StoreSetting; readonly message: string }

const SEGMENTS = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/
const need = (setting: StoreSetting, is: RegExp, what: string): Need => ({ setting, is, what })
const given = (setting: StoreSetting, what: string) => need(setting, /^(?!none$)/, what)

const VAULT: readonly Need[] = [
  given('storeUrl', 'an address'),
  given('storeRole', 'a role'),
  need('storeMount', SEGMENTS, 'the mount of a KV engine'),
  need('storeAuth', SEGMENTS, 'the mount of an auth method'),
  need('storeNamespace', SEGMENTS, 'a namespace'),
]

const NEEDS: Readonly<Record<Settings['store'], readonly Need[]>> = {
  none: [],
  files: [need('storeMount', /^\//, 'an absolute folder')],
  vault: VAULT,
  openbao: VAULT,
  aws: [
    need('storeMount', /^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'a region such as `eu-central-1`'),
    need('storeAuth', /^(none|web-identity|pod-identity)$/, '`web-identity` or `pod-identity`'),
    need('storeRole', /^(none|arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+)$/, 'the ARN of a role'),
  ],
  gcp: [
    need('storeMount', /^[a-z0-9:.-]{1,63}$/, 'a project'),
    need(
      'storeAuth',
      /^\/\/iam\.googleapis\.com\/projects\/\d+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/,
      'a provider: `//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`',
    ),
    need('storeRole', /^(none|[\w.-]+@[\w.-]+)$/, 'the address of a service account of Google'),
  ],
  azure: [
    need('storeUrl', /^https:\/\/[\w-]+\.[\w.-]+(:\d+)?\/?$/, 'the address of a vault'),
    need('storeAuth', /^(?!none$)[\w.-]+$/, 'a tenant'),
    need('storeRole', /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'the client id of an application'),
  ],
}

/** All that is missing or cannot be. */
export function storeProblems(settings: StorePlace): StoreProblem[] {
  const problems = NEEDS[settings.store]
    .filter(({ setting, is }) => !is.test(settings[setting]))
    .map(({ setting, what }) => ({
      setting,
      message: `is \`${settings[setting]}\`, but the store \`${settings.store}\` needs ${what}`,
    }))
  if (settings.store !== 'aws' || settings.storeAuth === 'pod-identity' || settings.storeRole !== 'none')
    return problems
  return [...problems, { setting: 'storeRole', message: 'is `none`, but `web-identity` needs the ARN of a role' }]
}
