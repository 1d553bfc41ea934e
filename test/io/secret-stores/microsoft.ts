/**
 * Stands for Microsoft Entra and Azure Key Vault, as they are documented: client credentials with a federated assertion,
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, and Get Secret,
 * https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret. It checks signature, issuer, audience and subject of the
 * service-account token, and knows who may read what. There is no Azure without Azure, so nothing here proves the real one alike.
 */
import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { ISSUER } from '../../broker/tokens.ts'
import type { Answer, Asked } from './loopback-service.ts'

export const TENANT = '0f2b6c1e-5f0a-4e52-9d5a-3a6f8c1d2e4b'
export const CLIENT = '12345678-1234-1234-1234-123456789abc'
/** The access token that a login answers with. */
export const ACCESS = 'eyJ0eXAiOiJKV1QifQ.F0rTheVault0fTheTrainer.N0B0dyElse'
const TRAINER = 'system:serviceaccount:ml-quant:trainer'
const VAULT = 'https://vault.azure.net'

export class Microsoft {
  readonly #keys: ReturnType<typeof createLocalJWKSet>
  readonly #secrets = new Map<string, { readonly value: string; readonly version: string }>()
  /** Where Entra says that tokens are given out; absent for where it is. */
  tokenOrigin: string | undefined
  /** Of the vault, in its challenge. */
  resource = VAULT

  constructor(jwks: string) {
    this.#keys = createLocalJWKSet(JSON.parse(jwks) as JSONWebKeySet)
  }

  put(name: string, value: string): void {
    this.#secrets.set(name, { value, version: randomBytes(16).toString('hex') })
  }

  async answer(asked: Asked): Promise<Answer> {
    const { method, where, headers } = asked
    const origin = `https://${headers.host}`
    if (where.startsWith(`login.microsoftonline.com/${TENANT}/v2.0/.well-known/openid-configuration`)) {
      return { status: 200, body: configuration(origin, this.tokenOrigin ?? origin) }
    }
    if (method === 'POST' && where.startsWith(`login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`)) {
      return this.#token(new URLSearchParams(asked.body))
    }
    const name = /^lab\.vault\.azure\.net\/secrets\/([0-9A-Za-z-]{1,127})\/?\?api(?:-|%2D)version=[\d.a-z-]+$/.exec(
      where,
    )?.[1]
    return method === 'GET' && name !== undefined ? this.#secret(asked, name) : refuse(404, 'NotFound', 'nothing here')
  }

  async #token(form: URLSearchParams): Promise<Answer> {
    const expected = {
      grant_type: 'client_credentials',
      client_id: CLIENT,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }
    for (const [name, value] of Object.entries(expected)) {
      if (form.get(name) !== value) return oauth(400, 'invalid_request', `AADSTS900144: ${name} is not right.`)
    }
    if (!(form.get('scope') ?? '').split(' ').includes(`${VAULT}/.default`)) {
      return oauth(400, 'invalid_scope', 'AADSTS70011: The provided value for scope is not valid.')
    }
    // The federated credential of the lab is made with: "audiences": ["kerbside.io"]
    const rules = { issuer: ISSUER, audience: 'kerbside.io', subject: TRAINER, requiredClaims: ['exp', 'aud', 'sub'] }
    try {
      await jwtVerify(form.get('client_assertion') ?? '', this.#keys, rules)
      return {
        status: 200,
        body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: ACCESS },
      }
    } catch {
      return oauth(401, 'invalid_client', 'AADSTS700213: No matching federated identity record found.')
    }
  }

  #secret({ headers }: Asked, name: string): Answer {
    if (headers.authorization !== `Bearer ${ACCESS}`) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="${this.resource}"`
      return {
        ...refuse(401, 'Unauthorized', 'AKV10000: Bearer token missing.'),
        headers: { 'www-authenticate': challenge },
      }
    }
    if (!name.startsWith('hdfs--contract--'))
      return refuse(403, 'Forbidden', 'Caller is not authorized to perform action.')
    const secret = this.#secrets.get(name)
    if (secret === undefined)
      return refuse(404, 'SecretNotFound', 'A secret with this name was not found in this key vault.')
    const id = `https://lab.vault.azure.net/secrets/${name}/${secret.version}`
    return { status: 200, body: { value: secret.value, id, attributes: { enabled: true } } }
  }
}

const configuration = (origin: string, tokenOrigin: string) => ({
  issuer: `${origin}/${TENANT}/v2.0`,
  authorization_endpoint: `${origin}/${TENANT}/oauth2/v2.0/authorize`,
  token_endpoint: `${tokenOrigin}/${TENANT}/oauth2/v2.0/token`,
  jwks_uri: `${origin}/${TENANT}/discovery/v2.0/keys`,
})
const oauth = (status: number, error: string, error_description: string) => ({
  status,
  body: { error, error_description },
})
const refuse = (status: number, code: string, message: string) => ({ status, body: { error: { code, message } } })
