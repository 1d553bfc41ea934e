/** A real OpenID provider over TLS, on loopback or under a name of this machine's network, whose accounts are made up: whoever says a name is that account. */
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { certify } from '../../../src/io/tls/x509.ts'

export type Issuer = {
  readonly caPem: string
  readonly certificatePem: string
  readonly keyPem: string
  /** Name that the certificate is for, and under which it listens; `localhost` where there is none. */
  readonly host?: string
}

const DAY_MS = 86_400_000

/** A certificate for this machine alone. */
export async function loopbackCertificate(now = Date.now()): Promise<Issuer> {
  const life = { notBefore: now - DAY_MS, notAfter: now + DAY_MS }
  const authority = await certify({ commonName: 'test authority', ...life })
  const names = ['localhost', '127.0.0.1'] as const
  return { caPem: authority.certificatePem, ...(await certify({ commonName: 'localhost', names, ...life }, authority)) }
}

export const CLIENT_ID = 'kerbside-review'
export const CLIENT_SECRET = 'a secret of +/= and 100 %'

/** Account → values of its claim `groups`. */
export type Accounts = ReadonlyMap<string, unknown>

export type RealProvider = { readonly url: string; close(): Promise<void> }

/** @param redirectUris known only once the page listens, so asked for late */
export async function realProvider(
  tls: Issuer,
  accounts: Accounts,
  redirectUris: () => readonly string[],
): Promise<RealProvider> {
  let provider: Provider | undefined
  const server = createServer({ cert: tls.certificatePem, key: tls.keyPem }, (request, response) => {
    provider ??= made(url)
    void provider.callback()(request, response)
  })
  const url = await listening(server, tls.host)
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const keys = [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }]

  const made = (issuer: string) =>
    new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: [...redirectUris()],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      jwks: { keys: keys as never },
      cookies: { keys: ['only for a test'] },
      pkce: { required: () => true },
      claims: { openid: ['sub', 'groups', 'preferred_username'] },
      conformIdTokenClaims: false,
      findAccount: (_, sub) => ({
        accountId: sub,
        claims: () => ({ sub, preferred_username: `${sub}@lab`, groups: accounts.get(sub) as never }),
      }),
      // Nobody is asked whether the page may know who they are: it is the company's own.
      async loadExistingGrant({ oidc }) {
        const { client, session } = oidc
        const grant = new oidc.provider.Grant({
          ...(client === undefined ? {} : { clientId: client.clientId }),
          ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
        })
        grant.addOIDCScope('openid')
        await grant.save()
        return grant
      },
    })
  return { url, close: () => closed(server) }
}

export async function listening(server: Server, host = 'localhost'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host === 'localhost' ? '127.0.0.1' : host, resolve))
  return `https://${host}:${(server.address() as AddressInfo).port}`
}

export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
