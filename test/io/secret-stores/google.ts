/**
 * Stands for Google's Security Token Service, IAM Credentials and Secret Manager, as their REST references document them:
 * https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token, .../iam/docs/reference/credentials/rest,
 * .../secret-manager/docs/reference/rest. It checks signature, issuer, audience and subject of the service-account token, and
 * knows who may read what. There is no Google without Google, so nothing here proves the real one alike.
 */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { ISSUER } from '../../broker/tokens.ts'
import type { Answer, Asked } from './loopback-service.ts'

export const PROJECT = 'lab-123'
export const PROVIDER = '//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/k8s/providers/lab'
export const SERVICE_ACCOUNT = 'quant@lab-123.iam.gserviceaccount.com'
/** What each kind of login answers with. */
export const FEDERATED = 'ya29.d.F3deratedF3deratedF3derated'
export const IMPERSONATED = 'ya29.c.Imp3rsonatedImp3rsonated'
const TRAINER = 'system:serviceaccount:ml-quant:trainer'
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'

export class Google {
  readonly #keys: ReturnType<typeof createLocalJWKSet>
  /** Newest version of each secret, and which number it has. */
  readonly #secrets = new Map<string, { readonly bytes: Uint8Array; readonly version: number }>()
  /** Who may read: the federated identity itself, or the service account. */
  readonly reader: string

  constructor(jwks: string, reader: string) {
    this.#keys = createLocalJWKSet(JSON.parse(jwks) as JSONWebKeySet)
    this.reader = reader
  }

  put(name: string, bytes: Uint8Array): void {
    this.#secrets.set(name, { bytes, version: (this.#secrets.get(name)?.version ?? 0) + 1 })
  }

  async answer(asked: Asked): Promise<Answer> {
    const { method, where } = asked
    if (method === 'POST' && where === 'sts.googleapis.com/v1/token')
      return this.#exchange(new URLSearchParams(asked.body))
    const become = /^iamcredentials\.googleapis\.com\/v1\/projects\/-\/serviceAccounts\/(.+):generateAccessToken$/.exec(
      where,
    )
    if (method === 'POST' && become !== null) return this.#impersonate(asked, become[1] ?? '')
    const read = /^secretmanager\.googleapis\.com\/v1\/projects\/lab-123\/secrets\/([\w-]+)\/versions\/latest:access$/
    const name = method === 'GET' ? read.exec(where)?.[1] : undefined
    return name === undefined ? refuse(404, 'NOT_FOUND', 'there is nothing here') : this.#access(asked, name)
  }

  async #exchange(form: URLSearchParams): Promise<Answer> {
    const expected = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: PROVIDER,
      scope: CLOUD,
    }
    for (const [name, value] of Object.entries(expected)) {
      if (form.get(name) !== value) return oauth(400, 'invalid_request', `Invalid value for "${name}".`)
    }
    const token = form.get('subject_token') ?? ''
    // The provider of the lab is made with: --allowed-audiences=kerbside.io
    const rules = { issuer: ISSUER, audience: 'kerbside.io', requiredClaims: ['exp', 'aud', 'sub'] }
    try {
      const { payload } = await jwtVerify(token, this.#keys, rules)
      if (payload.sub === TRAINER) {
        const issued = { access_token: FEDERATED, token_type: 'Bearer', expires_in: 3600 }
        return { status: 200, body: { ...issued, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' } }
      }
      return oauth(400, 'unauthorized_client', 'The given credential is rejected by the attribute condition.')
    } catch {
      return oauth(400, 'invalid_grant', 'The audience in ID Token does not match the expected audience.')
    }
  }

  #impersonate({ headers, body }: Asked, account: string): Answer {
    const { scope } = JSON.parse(body) as { scope: string[] }
    const isAllowed = headers.authorization === `Bearer ${FEDERATED}` && account === SERVICE_ACCOUNT
    if (!isAllowed || !scope.includes(CLOUD)) {
      return refuse(403, 'PERMISSION_DENIED', `Permission 'iam.serviceAccounts.getAccessToken' denied`)
    }
    const expireTime = new Date(Date.now() + 3600_000).toISOString()
    return { status: 200, body: { accessToken: IMPERSONATED, expireTime } }
  }

  #access({ headers }: Asked, name: string): Answer {
    const who = new Map([
      [`Bearer ${FEDERATED}`, 'federated'],
      [`Bearer ${IMPERSONATED}`, SERVICE_ACCOUNT],
    ]).get(headers.authorization ?? '')
    if (who === undefined) return refuse(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    if (who !== this.reader || !name.startsWith('hdfs--contract--')) {
      return refuse(
        403,
        'PERMISSION_DENIED',
        `Permission 'secretmanager.versions.access' denied (or it may not exist).`,
      )
    }
    const secret = this.#secrets.get(name)
    if (secret === undefined) return refuse(404, 'NOT_FOUND', 'Secret not found or has no versions.')
    const data = Buffer.from(secret.bytes).toString('base64')
    const full = `projects/123/secrets/${name}/versions/${secret.version}`
    return { status: 200, body: { name: full, payload: { data, dataCrc32c: '0' } } }
  }
}

const oauth = (status: number, error: string, error_description: string) => ({
  status,
  body: { error, error_description },
})
const refuse = (code: number, status: string, message: string) => ({
  status: code,
  body: { error: { code, message, status } },
})
