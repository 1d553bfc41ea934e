/** Makes the mounts of a secret store's tests in OpenBao, as its administrator does: KV engine, auth method, role and policy. */
import { createPublicKey } from 'node:crypto'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import type { VaultSettings } from '../../../src/io/secret-stores/vault.ts'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { AUDIENCE, type Openbao } from '../../lab/openbao.ts'

export type Mounts = Pick<VaultSettings, 'mount' | 'kvVersion' | 'auth' | 'namespace'>

/** Where the administrator's calls for these mounts go. */
const place = ({ namespace }: Mounts, path: string) => (namespace === undefined ? path : `${namespace}/${path}`)
const dataPath = ({ mount, kvVersion }: Mounts, path: string) =>
  kvVersion === '2' ? `${mount}/data/${path}` : `${mount}/${path}`

/** Mounts them, with the auth method `jwt`, which trusts the keys of this cluster's service accounts. */
export async function makeMounts(admin: Openbao, cluster: Kubernetes, mounts: Mounts): Promise<void> {
  const { mount, kvVersion, auth, namespace } = mounts
  const post = (path: string, body: object) => admin.call(place(mounts, path), { method: 'POST', body })
  if (namespace !== undefined) await admin.call(`sys/namespaces/${namespace}`, { method: 'POST', body: {} })
  await post(`sys/mounts/${mount}`, { type: 'kv', options: { version: kvVersion } })
  await post(`sys/auth/${auth}`, { type: 'jwt' })
  const { keys } = (await cluster.get<{ keys: Record<string, unknown>[] }>('/openid/v1/jwks')) ?? { keys: [] }
  const pem = keys.map((key) => createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))
  await post(`auth/${auth}/config`, { jwt_validation_pubkeys: pem })
}

export type Role = { readonly name: string; readonly subject: string; readonly paths: readonly string[] }

/** A role of the auth method `jwt` for one service account, with the least that a sidecar needs. */
export async function makeRole(admin: Openbao, mounts: Mounts, role: Role, more: object = {}): Promise<void> {
  const call = (method: 'POST' | 'PUT', path: string, body: object) => admin.call(place(mounts, path), { method, body })
  const reads = role.paths.map((path) => `path "${dataPath(mounts, path)}" { capabilities = ["read"] }`)
  const policy = [...reads, 'path "auth/token/revoke-self" { capabilities = ["update"] }'].join('\n')
  const policyName = `${role.name}-${mounts.auth.replaceAll('/', '-')}`
  await call('PUT', `sys/policies/acl/${policyName}`, { policy })
  await call('POST', `auth/${mounts.auth}/role/${role.name}`, {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: [AUDIENCE],
    bound_subject: role.subject,
    token_policies: [policyName],
    token_no_default_policy: true,
    token_ttl: '10m',
    ...more,
  })
}

/** As `bao kv put` does it: text as it is, everything else as base64. */
export async function putText(admin: Openbao, mounts: Mounts, { path, key }: SecretRef, text: string): Promise<void> {
  const values = { [key]: text }
  const body = mounts.kvVersion === '2' ? { data: values } : values
  await admin.call(place(mounts, dataPath(mounts, path)), { method: 'POST', body })
}

export async function removeMounts(admin: Openbao, mounts: Mounts): Promise<void> {
  const gone = (path: string) => admin.call(path, { method: 'DELETE' })
  for (const path of [`sys/mounts/${mounts.mount}`, `sys/auth/${mounts.auth}`]) await gone(place(mounts, path))
  if (mounts.namespace !== undefined) await gone(`sys/namespaces/${mounts.namespace}`)
}
