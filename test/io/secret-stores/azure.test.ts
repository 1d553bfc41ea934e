/** The store `azure`: the contract, what becomes of it when Azure breaks or leads elsewhere, and that it asks nobody else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { azureStore } from '../../../src/io/secret-stores/azure.ts'
import { makeIssuer } from '../../broker/tokens.ts'
import { BINARY, obeysTheContract, REF, refusal, shown } from './contract.ts'
import { bearsFaults } from './faults.ts'
import { type LoopbackService, startLoopbackService, watchTheWayOut } from './loopback-service.ts'
import { ACCESS, CLIENT, Microsoft, TENANT } from './microsoft.ts'
import { tokensFrom } from './service-account-tokens.ts'

const HOSTS = ['login.microsoftonline.com', 'lab.vault.azure.net'] as const
const never = () => new AbortController().signal
const nameOf = ({ path, key }: SecretRef) => `${path}/${key}`.replaceAll('/', '--')
const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
const tokenFile = join(folder, 'token')
let microsoft: Microsoft
let service: LoopbackService
let tokens: Awaited<ReturnType<typeof tokensFrom>>
let way: ReturnType<typeof watchTheWayOut>

beforeAll(async () => {
  const issuer = await makeIssuer()
  tokens = await tokensFrom(issuer)
  microsoft = new Microsoft(issuer.keys)
  service = await startLoopbackService(HOSTS, (asked) => microsoft.answer(asked))
  way = watchTheWayOut()
  await put(REF, BINARY)
})
beforeEach(() => writeFileSync(tokenFile, tokens.good))
afterAll(async () => {
  way.stop()
  await service.close()
  rmSync(folder, { recursive: true })
})

const store = (ca = service.ca) => {
  const at = (host: string) => `https://${host}:${service.port}`
  return azureStore({ url: at(HOSTS[1]), loginUrl: at(HOSTS[0]), tenant: TENANT, clientId: CLIENT, ca, tokenFile })
}
/** A vault holds text: a keytab goes in as base64. */
const put = async (ref: SecretRef, bytes: Uint8Array) =>
  microsoft.put(nameOf(ref), Buffer.from(bytes).toString('base64'))

obeysTheContract({ store, put, putForOthers: put, login: { tokenFile, badTokens: async () => tokens.bad } })

bearsFaults({
  service: () => service,
  store,
  steps: { configuration: /openid-configuration/, token: /oauth2\/v2\.0\/token/, fetch: /^lab\.vault\./ },
  tokenFile,
  loginSecrets: [ACCESS],
})

test('a vault that wants a token for something else gets none', async () => {
  microsoft.resource = 'https://management.azure.net'
  const one = store()
  const before = service.seen.length
  await refusal(one.fetch(REF, never()), [ACCESS])
  expect(service.seen.slice(before).filter((asked) => asked.includes('/secrets/')).length).toBe(1)
  microsoft.resource = 'https://vault.azure.net'
})

test('an Entra that leads to another host for the token is not followed', async () => {
  microsoft.tokenOrigin = `https://elsewhere.example:${service.port}`
  const led = refusal(store().fetch(REF, never()), [tokens.good])
  const { code, message } = await led.finally(() => (microsoft.tokenOrigin = undefined))
  expect([code, message]).toEqual([
    'secret-malformed',
    expect.stringMatching(/^the secret store leads to `https:\/\/elsewhere\.example:\d+`/),
  ])
})

test('an answer without a value is malformed, and PEM stands as it is', async () => {
  const one = store()
  microsoft.put(nameOf({ ...REF, key: 'plain' }), '-----BEGIN CERTIFICATE-----\n')
  const { bytes } = await one.fetch({ ...REF, key: 'plain' }, never())
  expect(new TextDecoder().decode(bytes)).toBe('-----BEGIN CERTIFICATE-----\n')
  service.breaks(/^lab\.vault\./, (response) => response.end('{"id":"https://lab.vault.azure.net/secrets/a/b"}'))
  expect((await refusal(one.fetch(REF, never()), shown(BINARY))).code).toBe('secret-malformed')
  service.heals()
})

test('no metadata server, telemetry, other authority or host was ever looked up or connected to', () => {
  expect([...way.names].sort()).toEqual([...HOSTS].sort())
  expect([...way.connections].filter((to) => !HOSTS.some((host) => to === `${host}:${service.port}`))).toEqual([])
})
