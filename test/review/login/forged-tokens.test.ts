/**
 * Stands for a provider that is hostile, or whose answers are changed on the way: a real one signs nothing wrong. Its honest answer
 * signs a reader in, as the real one of `flow.test.ts` does.
 */
import { createServer, type Server } from 'node:https'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browser } from './browser.ts'
import { CLIENT_ID, CLIENT_SECRET, closed, type Issuer, listening, loopbackCertificate } from './real-provider.ts'
import { type Served, served } from './served.ts'

type Made = { readonly issuer: string; readonly nonce: string; readonly claims: JWTPayload }
type Forge = (made: Made) => Promise<string>

let tls: Issuer
let server: Server
let page: Served
let ours: CryptoKey
/** Of a key that the provider does not publish. */
let foreign: CryptoKey
let forge: Forge
let nonce = ''

const sign = (claims: JWTPayload, more: { key?: CryptoKey | Uint8Array; alg?: string; kid?: string } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: more.alg ?? 'ES256', kid: more.kid ?? 'ours' }).sign(more.key ?? ours)
const now = () => Math.floor(Date.now() / 1000)

beforeAll(async () => {
  tls = await loopbackCertificate()
  const made = await generateKeyPair('ES256', { extractable: true })
  ours = made.privateKey
  foreign = (await generateKeyPair('ES256')).privateKey
  const jwk = { ...(await exportJWK(made.publicKey)), kid: 'ours', alg: 'ES256', use: 'sig' }
  let issuer = ''
  server = createServer({ cert: tls.certificatePem, key: tls.keyPem }, async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    const claims = {
      iss: issuer,
      sub: 'rita',
      aud: CLIENT_ID,
      iat: now(),
      exp: now() + 60,
      nonce,
      groups: ['security'],
    }
    const answers = new Map<string, () => Promise<object> | object>([
      [
        '/.well-known/openid-configuration',
        () => ({
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
        }),
      ],
      ['/jwks', () => ({ keys: [jwk] })],
      [
        '/token',
        async () => ({ access_token: 'x', token_type: 'Bearer', id_token: await forge({ issuer, nonce, claims }) }),
      ],
    ])
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify((await answers.get(pathname)?.()) ?? {}))
  })
  issuer = await listening(server)
  const settings = { reviewers: ['security'] }
  page = await served({ tls, settings, clock: Date.now, issuer: async () => issuer })
}, 60_000)
afterAll(async () => {
  await page?.close()
  await closed(server)
})

async function cameBackWith(made: Forge) {
  forge = made
  const one = browser(tls.caPem)
  const question = new URL(String((await one.ask(`${page.url}/login`)).headers['location']))
  nonce = question.searchParams.get('nonce') ?? ''
  const query = new URLSearchParams({ code: 'any', state: question.searchParams.get('state') ?? '' })
  const answer = await one.ask(`${page.url}/login/callback?${query}`)
  return { status: answer.status, text: answer.body.toString(), isIn: one.jar(page.url).has('__Host-kerbside-session') }
}

it('that is honest signs a reader in', async () => {
  expect(await cameBackWith(({ claims }) => sign(claims))).toMatchObject({ status: 303, isIn: true })
})

const without = (claims: JWTPayload, name: string) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))

it.each<[string, Forge]>([
  ['of another issuer', ({ claims }) => sign({ ...claims, iss: 'https://evil.example' })],
  ['of an issuer that is ours but for a slash', ({ claims }) => sign({ ...claims, iss: `${claims.iss}/` })],
  ['signed by nobody', async ({ claims }) => new UnsecuredJWT(claims).encode()],
  [
    'signed with the client secret',
    ({ claims }) => sign(claims, { alg: 'HS256', key: Buffer.from(CLIENT_SECRET.padEnd(32)) }),
  ],
  ['signed by a key that is not published', ({ claims }) => sign(claims, { key: foreign, kid: 'theirs' })],
  ['signed by such a key under the name of a published one', ({ claims }) => sign(claims, { key: foreign })],
  ['that has expired', ({ claims }) => sign({ ...claims, iat: now() - 120, exp: now() - 60 })],
  ['made long ago', ({ claims }) => sign({ ...claims, iat: now() - 3600 })],
  ['from the future', ({ claims }) => sign({ ...claims, iat: now() + 3600, exp: now() + 7200 })],
  ['not valid yet', ({ claims }) => sign({ ...claims, nbf: now() + 3600 })],
  ['without an end', ({ claims }) => sign(without(claims, 'exp'))],
  ['without a beginning', ({ claims }) => sign(without(claims, 'iat'))],
  ['for another page', ({ claims }) => sign({ ...claims, aud: 'another' })],
  [
    'for another page too, and made for that one',
    ({ claims }) => sign({ ...claims, aud: [CLIENT_ID, 'another'], azp: 'another' }),
  ],
  [
    'for several, and nobody says for whom it was made',
    ({ claims }) => sign({ ...claims, aud: [CLIENT_ID, 'another'] }),
  ],
  ['for ours, and made for another', ({ claims }) => sign({ ...claims, azp: 'another' })],
  ['for nobody', ({ claims }) => sign(without(claims, 'aud'))],
  ['with the nonce of another sign-in', ({ claims }) => sign({ ...claims, nonce: 'another' })],
  ['without a nonce', ({ claims }) => sign(without(claims, 'nonce'))],
  ['about nobody', ({ claims }) => sign(without(claims, 'sub'))],
  [
    'whose claims were changed',
    async ({ claims }) => {
      const [header, , signature] = (await sign(claims)).split('.')
      const changed = Buffer.from(JSON.stringify({ ...claims, groups: ['audit'] })).toString('base64url')
      return `${header}.${changed}.${signature}`
    },
  ],
  ['that is none', async () => 'x.y.z'],
  ['that is empty', async () => ''],
])('a token %s signs nobody in', async (_, made) => {
  const { status, text, isIn } = await cameBackWith(made)
  expect([status, isIn]).toEqual([400, false])
  expect(text).toContain('bad-id-token')
})

it('of a provider that is gone, the page says so and lets nobody in', async () => {
  const { status, text, isIn } = await cameBackWith(
    () =>
      new Promise((_, reject) => {
        server.closeAllConnections()
        reject(new Error('gone'))
      }).catch(() => '') as Promise<string>,
  )
  expect([status, isIn]).toEqual([502, false])
  expect(text).toContain('provider-down')
})
