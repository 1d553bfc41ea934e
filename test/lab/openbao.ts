/** The lab's secret store as its administrator sees it: secrets, and which service account may read which of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labFiles } from './folder.ts'
import { type Call, callForJson } from './https.ts'
import type { LabFolder } from './part.ts'

export const OPENBAO_URL = 'https://bao.lab:8200'
/** The reserved audience: a role accepts no token made for anything else. */
export const AUDIENCE = 'kerbside.io'

export type RoleBinding = {
  readonly role: string
  readonly serviceAccounts: readonly string[]
  readonly namespaces: readonly string[]
  /** Paths below `kv/` that the role may read, for instance `teams/quant`. */
  readonly paths: readonly string[]
  /** The reserved one unless another is named, as for the broker's own login. */
  readonly audience?: string
}

export type Openbao = {
  call<T>(path: string, options?: Pick<Call, 'method' | 'body'>): Promise<T>
  /** Writes one secret of the KV version 2 store `kv/`; binary values go in as base64. */
  putSecret(path: string, values: Readonly<Record<string, string>>): Promise<void>
  /** Lets pods of these service accounts log in as `role` at `auth/kubernetes` and read these paths, nothing else. */
  bindRole(binding: RoleBinding): Promise<void>
}

export function openbaoFiles(folder: Pick<LabFolder, 'path'>) {
  const at = (name: string) => join(folder.path, 'openbao', name)
  return {
    folder: at(''),
    config: at('config.json'),
    /** A line of JSON for each request and each answer; what is secret in it is an HMAC. */
    auditLog: at('audit.log'),
    storage: at('storage'),
    rootToken: at('root-token'),
    unsealKey: at('unseal-key'),
  }
}

export function openbao(folder: Pick<LabFolder, 'path'>): Openbao {
  const { rootToken } = openbaoFiles(folder)
  const ca = readFileSync(labFiles(folder).authority, 'utf8')

  function call<T>(path: string, options: Pick<Call, 'method' | 'body'> = {}): Promise<T> {
    const token = readFileSync(rootToken, 'utf8').trim()
    return callForJson<T>({ url: `${OPENBAO_URL}/v1/${path}`, headers: { 'x-vault-token': token }, ca, ...options })
  }

  async function putSecret(path: string, values: Readonly<Record<string, string>>): Promise<void> {
    await call(`kv/data/${path}`, { method: 'POST', body: { data: values } })
  }

  async function bindRole({
    role,
    serviceAccounts,
    namespaces,
    paths,
    audience = AUDIENCE,
  }: RoleBinding): Promise<void> {
    const reads = paths.map((path) => `path "kv/data/${path}" { capabilities = ["read"] }`)
    // Without the default policy a login could not even end itself.
    const rules = [...reads, 'path "auth/token/revoke-self" { capabilities = ["update"] }'].join('\n')
    await call(`sys/policies/acl/${role}`, { method: 'PUT', body: { policy: rules } })
    await call(`auth/kubernetes/role/${role}`, {
      method: 'POST',
      body: {
        bound_service_account_names: serviceAccounts,
        bound_service_account_namespaces: namespaces,
        audience,
        token_policies: [role],
        token_no_default_policy: true,
        token_ttl: '10m',
      },
    })
  }

  return { call, putSecret, bindRole }
}
