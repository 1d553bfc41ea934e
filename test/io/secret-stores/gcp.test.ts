/** The store `gcp`: the contract by both ways to log in, what becomes of it when Google breaks, and that it asks nobody else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { gcpStore } from '../../../src/io/secret-stores/gcp.ts'
import { makeIssuer } from '../../broker/tokens.ts'
import { BINARY, obeysTheContract, REF, refusal, shown } from './contract.ts'
import { bearsFaults } from './faults.ts'
import { FEDERATED, Google, IMPERSONATED, PROJECT, PROVIDER, SERVICE_ACCOUNT } from './google.ts'
import { type LoopbackService, startLoopbackService, watchTheWayOut } from './loopback-service.ts'
import { tokensFrom } from './service-account-tokens.ts'

const HOSTS = ['sts.googleapis.com', 'iamcredentials.googleapis.com', 'secretmanager.googleapis.com'] as const
const never = () => new AbortController().signal
const nameOf = ({ path, key }: SecretRef) => `${path}/${key}`.replaceAll('/', '--')

describe.each([
  ['the federated identity itself', undefined, 'federated', FEDERATED],
  ['a service account of Google', SERVICE_ACCOUNT, SERVICE_ACCOUNT, IMPERSONATED],
] as const)('read by %s', (_, serviceAccount, reader, accessToken) => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  const tokenFile = join(folder, 'token')
  let google: Google
  let service: LoopbackService
  let tokens: Awaited<ReturnType<typeof tokensFrom>>
  let way: ReturnType<typeof watchTheWayOut>

  beforeAll(async () => {
    const issuer = await makeIssuer()
    tokens = await tokensFrom(issuer)
    google = new Google(issuer.keys, reader)
    service = await startLoopbackService(HOSTS, (asked) => google.answer(asked))
    way = watchTheWayOut()
    google.put(nameOf(REF), BINARY)
  })
  beforeEach(() => writeFileSync(tokenFile, tokens.good))
  afterAll(async () => {
    way.stop()
    await service.close()
    rmSync(folder, { recursive: true })
  })

  const store = (ca = service.ca) => {
    const at = (host: string) => `https://${host}:${service.port}`
    const places = { url: at(HOSTS[2]), exchangeUrl: at(HOSTS[0]), impersonationUrl: at(HOSTS[1]) }
    return gcpStore({ project: PROJECT, provider: PROVIDER, serviceAccount, ...places, ca, tokenFile })
  }
  const put = async (ref: SecretRef, bytes: Uint8Array) => google.put(nameOf(ref), bytes)

  obeysTheContract({ store, put, putForOthers: put, login: { tokenFile, badTokens: async () => tokens.bad } })

  bearsFaults({
    service: () => service,
    store,
    steps: {
      exchange: /^sts\./,
      ...(serviceAccount === undefined ? {} : { impersonation: /^iamcredentials\./ }),
      fetch: /^secretmanager\./,
    },
    tokenFile,
    loginSecrets: [FEDERATED, accessToken],
  })

  test('one login serves many secrets, and each asks for exactly one thing', async () => {
    google.put('hdfs--contract--ca-dot-pem', new TextEncoder().encode('PEM'))
    const one = store()
    const before = service.seen.length
    await Promise.all([one.fetch(REF, never()), one.fetch({ ...REF, key: 'ca.pem' }, never())])
    expect(service.seen.slice(before).map((asked) => asked.replace(/^\w+ ([\w-]+)\..*/, '$1'))).toEqual([
      'sts',
      ...(serviceAccount === undefined ? [] : ['iamcredentials']),
      'secretmanager',
      'secretmanager',
    ])
    await one.close()
  })

  test.each([
    ['base64 that is none', { payload: { data: '*canary*' } }],
    ['no payload', { name: 'projects/123/secrets/a/versions/1' }],
    ['a version that is no number', { name: 'projects/123/secrets/a/versions/latest', payload: { data: 'AAAA' } }],
  ])('an answer with %s is malformed', async (_, answer) => {
    const one = store()
    service.breaks(/^secretmanager\./, (response) => response.end(JSON.stringify({ name: 'versions/1', ...answer })))
    const { code, message } = await refusal(one.fetch(REF, never()), shown(BINARY))
    expect(code).toBe('secret-malformed')
    expect(message).not.toContain('canary')
    service.heals()
  })

  test('a newest version that was disabled or destroyed is not found', async () => {
    const error = { code: 400, status: 'FAILED_PRECONDITION', message: 'is in DESTROYED state' }
    service.breaks(/^secretmanager\./, (response) => response.writeHead(400).end(JSON.stringify({ error })))
    const told = await refusal(store().fetch(REF, never()), [...shown(BINARY), accessToken])
    service.heals()
    expect(told.code).toBe('secret-not-found')
  })

  test('no metadata server, telemetry or other host was ever looked up or connected to', () => {
    expect([...way.names].filter((name) => !(HOSTS as readonly string[]).includes(name))).toEqual([])
    expect([...way.connections].filter((to) => !HOSTS.some((host) => to === `${host}:${service.port}`))).toEqual([])
    expect(way.names.size).toBe(serviceAccount === undefined ? 2 : 3)
  })
})
