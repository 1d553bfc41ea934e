/** Reads the authorities that the API server trusts, and those that our programs sign by. */
import { X509Certificate } from 'node:crypto'
import { named, nameOf, ofKind } from '../../../core/doctor/cluster/objects.ts'
import type { Authority, Trust } from '../../../core/doctor/cluster/trust.ts'
import { type JsonObject, objectAt, objectsAt, textAt } from '../../../core/identity/json.ts'
import { type Api, find } from './ask-api.ts'

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** Undefined for text that is not certificates. */
export function authoritiesIn(pem: string): readonly Authority[] | undefined {
  try {
    const all = [...pem.matchAll(PEM)].map(([text]) => new X509Certificate(text))
    if (pem.trim() !== '' && all.length === 0) return undefined
    return all.map(({ fingerprint256, validTo }) => ({ fingerprint: fingerprint256, endsAt: Date.parse(validTo) }))
  } catch {
    return undefined
  }
}

const decoded = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString()

/** Of our configurations that are there; of several webhooks in one, whichever is worst off. */
export function bundlesOf(expected: readonly JsonObject[], live: readonly JsonObject[]): Trust['bundles'] {
  const ours = [
    ...ofKind(expected, 'MutatingWebhookConfiguration'),
    ...ofKind(expected, 'ValidatingWebhookConfiguration'),
  ]
  return new Map(
    ours.flatMap((wanted) => {
      const found = named(live, nameOf(wanted))
      if (found === undefined) return []
      const texts = objectsAt(found, 'webhooks').map((each) => textAt(objectAt(each, 'clientConfig'), 'caBundle'))
      const bundles = texts.map((text) => authoritiesIn(decoded(text)))
      const worst = bundles.find((bundle) => bundle === undefined || bundle.length === 0)
      return [[nameOf(found), bundles.includes(undefined) ? undefined : (worst ?? bundles[0] ?? [])] as const]
    }),
  )
}

const SECRET = 'kerbside-ca'

/** The key beside them is not looked at. */
export async function signingAuthorities(api: Api): Promise<readonly Authority[] | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(api.namespace)}/secrets/${SECRET}`
  const secret = await find(api, path).catch(() => undefined)
  const text = secret === undefined ? undefined : textAt(objectAt(secret, 'data'), 'ca.crt')
  return text === undefined ? undefined : authoritiesIn(decoded(text))
}
