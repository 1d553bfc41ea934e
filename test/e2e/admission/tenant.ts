/** A tenant with the stock role `edit` in ml-quant and ml-climate, and his pods. Impersonated: the API server asks RBAC about him. */
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { api, TENANT } from './installation.ts'
import { POD } from './restricted-pod.ts'

export const pods = (namespace = 'ml-quant') => `/api/v1/namespaces/${namespace}/pods`

export const podNamed = (name: string): JsonObject => ({ ...POD, metadata: { ...POD.metadata, name } })

export type Told = { readonly status: number; readonly object: JsonObject; readonly warnings: readonly string[] }

/** One request to the API server as the tenant, or as another user or group. */
export async function asTenant(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  who: { user?: string; patchType?: string } = {},
): Promise<Told> {
  const headers = {
    'impersonate-user': who.user ?? TENANT,
    ...(who.patchType === undefined ? {} : { 'content-type': who.patchType }),
  }
  const {
    status,
    body: text,
    warnings,
  } = await api.api(path, { method, headers, ...(body === undefined ? {} : { body }) })
  try {
    return { status, warnings, object: JSON.parse(text) as JsonObject }
  } catch {
    return { status, warnings, object: { message: text } }
  }
}
