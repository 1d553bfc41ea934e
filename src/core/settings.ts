/**
 * Every setting that the webhook writes into a pod and the sidecar reads back: one row each. The type, both programs
 * and the table in sidecar/README.md come from here; `readSettings(writeSettings(x))` is `x`.
 */
import { KerbsideError } from './errors.ts'

type Row<T> = {
  readonly env: string
  readonly meaning: string
  write(value: T): string
  /** The value, or a sentence that says what is wrong with the text. */
  readonly read: (text: string) => { readonly value: T } | { readonly problem: string }
  readonly fallback?: T
  /** Field of the pod that Kubernetes writes into the variable, where the webhook cannot know the value. */
  readonly fieldPath?: string
}

const text = (env: string, meaning: string, fallback?: string): Row<string> => ({
  env,
  meaning,
  write: (value) => value,
  read: (given) => (given === '' ? { problem: 'is empty' } : { value: given }),
  ...(fallback === undefined ? {} : { fallback }),
})

/** A fact about the pod that is only known once it runs: Kubernetes fills it in. */
const ofPod = (env: string, meaning: string, fieldPath: string, fallback?: string): Row<string> => ({
  ...text(env, meaning, fallback),
  fieldPath,
})

/** Certificates as PEM, as they stand: an environment variable may hold line breaks. */
const certificates = (env: string, meaning: string): Row<string> => ({
  ...text(env, meaning),
  read: (given) =>
    /^(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(given)
      ? { value: given }
      : { problem: 'is not a list of certificates in PEM' },
})

const port = (env: string, meaning: string, fallback: number): Row<number> => ({
  env,
  meaning,
  write: String,
  read: (given) =>
    /^\d{1,5}$/.test(given) && Number(given) > 0 && Number(given) < 65_536
      ? { value: Number(given) }
      : { problem: `is \`${given}\`, not a port from 1 to 65535` },
  fallback,
})

const oneOf = <T extends string>(env: string, meaning: string, choices: readonly T[], fallback?: T): Row<T> => ({
  env,
  meaning: `${meaning}: ${choices.join(', ')}`,
  write: (value) => value,
  read: (given) => {
    const value = choices.find((choice) => choice === given)
    return value === undefined ? { problem: `is \`${given}\`, not one of ${choices.join(', ')}` } : { value }
  },
  ...(fallback === undefined ? {} : { fallback }),
})

const httpsUrl = (env: string, meaning: string): Row<string> => ({
  ...text(env, meaning),
  read: (given) =>
    /^https:\/\/[^/?#\s]+(\/[^?#\s]*)?$/.test(given) ? { value: given } : { problem: 'is not an https URL' },
})

/** An https URL, or `none` where the store needs no address. */
const httpsUrlOrNone = (env: string, meaning: string): Row<string> => ({
  ...text(env, meaning, 'none'),
  read: (given) => (given === 'none' ? { value: given } : httpsUrl(env, meaning).read(given)),
})

/** The agent of Pod Identity listens on a link-local address, without TLS; nothing else may. */
const loginUrl = (env: string, meaning: string): Row<string> => ({
  ...httpsUrlOrNone(env, meaning),
  read: (given) =>
    /^http:\/\/(169\.254\.170\.(2|23)|\[fd00:ec2::23\])(\/[^?#\s]*)?$/.test(given)
      ? { value: given }
      : httpsUrlOrNone(env, meaning).read(given),
})

/** Where each secret store is told what it needs: `store-needs.ts`. */
export const STORES = ['files', 'vault', 'openbao', 'aws', 'gcp', 'azure'] as const
/** A sidecar may have none: then the broker gives it all secrets. */
export const SIDECAR_STORES = [...STORES, 'none'] as const

export const SETTINGS = {
  identity: text('KERBSIDE_IDENTITY', 'identity that the pod named'),
  pod: ofPod('KERBSIDE_POD', 'name of the pod', 'metadata.name'),
  podUid: ofPod('KERBSIDE_POD_UID', 'uid of the pod; names the sidecar in audit records', 'metadata.uid'),
  namespace: ofPod('KERBSIDE_NAMESPACE', 'namespace of the pod', 'metadata.namespace'),
  serviceAccount: ofPod('KERBSIDE_SERVICE_ACCOUNT', 'service account of the pod', 'spec.serviceAccountName'),
  node: ofPod('KERBSIDE_NODE', 'node the pod runs on', 'spec.nodeName', 'unknown'),
  broker: httpsUrl('KERBSIDE_BROKER', 'URL of the broker'),
  ca: certificates('KERBSIDE_CA', 'certificates, in PEM, of the CAs that sign broker and secret store'),
  tokenFile: text('KERBSIDE_TOKEN_FILE', 'projected service-account token of the reserved audience'),
  store: oneOf('KERBSIDE_STORE', 'secret store', SIDECAR_STORES),
  storeUrl: httpsUrlOrNone('KERBSIDE_STORE_URL', 'URL of the secret store, or `none`'),
  storeMount: text('KERBSIDE_STORE_MOUNT', 'folder, mount of the KV engine, region or project, by the store', 'kv'),
  storeRole: text('KERBSIDE_STORE_ROLE', 'role, service account or client id to log in with, by the store', 'none'),
  storeAuth: text('KERBSIDE_STORE_AUTH', 'auth mount, way in, provider or tenant to log in at, by the store', 'none'),
  storeLoginUrl: loginUrl('KERBSIDE_STORE_LOGIN_URL', "URL to log in at where it is not the store's or cloud's own"),
  storeNamespace: text('KERBSIDE_STORE_NAMESPACE', 'namespace inside Vault or OpenBao', 'none'),
  storeKvVersion: oneOf('KERBSIDE_STORE_KV_VERSION', 'version of the KV engine', ['1', '2'] as const, '2'),
  gatewayPort: port('KERBSIDE_GATEWAY_PORT', 'port of the gateway on 127.0.0.1', 9870),
  healthPort: port('KERBSIDE_HEALTH_PORT', 'port of health and metrics, on all addresses', 9872),
  runDirectory: text('KERBSIDE_RUN_DIR', 'memory-backed folder for keytab, krb5.conf and tickets', '/run/kerbside'),
  auditDirectory: text('KERBSIDE_AUDIT_DIR', 'folder of the audit segments', '/var/kerbside/audit'),
  clientDirectory: text(
    'KERBSIDE_CLIENT_DIR',
    'folder for the client configuration of the other containers',
    '/etc/kerbside',
  ),
  logLevel: oneOf('KERBSIDE_LOG_LEVEL', 'how much is logged', ['error', 'warn', 'info', 'debug'] as const, 'info'),
} as const satisfies Record<string, Row<string> | Row<number>>

type ValueOf<R> = R extends Row<infer T> ? T : never
export type Settings = { readonly [K in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[K]> }
export type SettingName = keyof Settings
const NAMES = Object.keys(SETTINGS) as readonly SettingName[]

/** Environment for a sidecar with these settings. Every row is written, so that the pod shows all of them. */
export function writeSettings(settings: Settings): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of NAMES) {
    const row = SETTINGS[name] as Row<string | number>
    env[row.env] = row.write(settings[name])
  }
  return env
}

/**
 * Settings from an environment.
 * @throws KerbsideError `bad-settings` that names every problem at once.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = []
  const settings: Record<string, string | number> = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const row = SETTINGS[name] as Row<string | number>
    const given = env[row.env]
    if (given === undefined) {
      if (row.fallback === undefined) problems.push(`${row.env} is missing (${row.meaning})`)
      else settings[name] = row.fallback
      continue
    }
    const read = row.read(given)
    if ('problem' in read) problems.push(`${row.env} ${read.problem} (${row.meaning})`)
    else settings[name] = read.value
  }
  const known = new Set(Object.values(SETTINGS).map((row) => row.env))
  for (const name of Object.keys(env)) {
    if (name.startsWith('KERBSIDE_') && !known.has(name)) problems.push(`${name} is not a setting`)
  }
  if (problems.length > 0) {
    throw new KerbsideError('bad-settings', problems.join('; '), {
      hint: 'every setting is a row in sidecar/README.md',
    })
  }
  return settings as Settings
}
