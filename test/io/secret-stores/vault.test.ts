/**
 * A Vault that breaks on the way, which a real one cannot be made to do; `test/e2e/credentials/openbao.test.ts` has all that
 * a real one does.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type VaultSettings, vaultStore } from '../../../src/io/secret-stores/vault.ts'
import { BINARY, REF, refusal, shown } from './contract.ts'
import { bearsFaults } from './faults.ts'
import { type Answer, type Asked, type LoopbackService, startLoopbackService } from './loopback-service.ts'

const LOGIN = 's.F0rTheL0ginAndNobodyElse1'
const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
const tokenFile = join(folder, 'token')
const never = () => new AbortController().signal
let service: LoopbackService
let value: unknown = Buffer.from(BINARY).toString('base64')
let auth: Record<string, unknown> = { token_type: 'service', lease_duration: 600 }

function answer({ where, headers }: Asked): Answer {
  if (where.endsWith('/login')) return { status: 200, body: { auth: { client_token: LOGIN, ...auth } } }
  if (headers['x-vault-token'] !== LOGIN) return { status: 403, body: { errors: ['permission denied'] } }
  if (where.endsWith('/revoke-self')) return { status: 204, body: '' }
  return { status: 200, body: { data: { data: { keytab: value }, metadata: { version: 3 } } } }
}

beforeAll(async () => {
  service = await startLoopbackService(['127.0.0.1'], answer)
  writeFileSync(tokenFile, 'header.of-a-service-account.signature-of-it')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await service.close()
})

const store = (ca = service.ca, more: Partial<VaultSettings> = {}) => {
  const login = { auth: 'kubernetes', role: 'trainer', ca, tokenFile }
  return vaultStore({ url: `https://127.0.0.1:${service.port}/`, mount: 'kv', kvVersion: '2', ...login, ...more })
}

bearsFaults({
  service: () => service,
  store,
  steps: { login: /auth\/kubernetes\/login$/, fetch: /kv\/data\// },
  tokenFile,
  loginSecrets: [LOGIN],
})

test('many who ask at once log in once', async () => {
  const one = store()
  const before = service.seen.length
  await Promise.all(Array.from({ length: 20 }, () => one.fetch(REF, never())))
  expect(service.seen.slice(before).filter((asked) => asked.includes('/login')).length).toBe(1)
  await one.close()
  expect(service.seen.at(-1)).toMatch(/^POST .*revoke-self$/)
})

test('who waits for the login that another began is still ended by the own signal', async () => {
  const one = store()
  const asked = new Promise<void>((resolve) => service.breaks(/login$/, () => resolve()))
  const [first, second] = [new AbortController(), new AbortController()]
  const beginner = refusal(one.fetch(REF, first.signal))
  await asked
  const joiner = refusal(one.fetch(REF, second.signal))
  second.abort()
  expect((await joiner).code).toBe('secret-unavailable')
  first.abort()
  expect((await beginner).code).toBe('secret-unavailable')
  service.heals()
})

test('a login that ended is replaced before it is refused, by one login for all who ask', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const one = store()
    await one.fetch(REF, never())
    vi.setSystemTime(Date.now() + 599_000)
    const before = service.seen.length
    await Promise.all(Array.from({ length: 5 }, () => one.fetch(REF, never())))
    expect(service.seen.slice(before).filter((asked) => asked.includes('/login')).length).toBe(1)
    await one.close()
  } finally {
    vi.useRealTimers()
  }
})

test('a login without an end serves until a secret is refused: the next one may have a newer service-account token', async () => {
  auth = { token_type: 'service', lease_duration: 0 }
  const one = store()
  const before = service.seen.length
  const logins = () => service.seen.slice(before).filter((asked) => asked.endsWith('/login')).length
  await one.fetch(REF, never())
  await one.fetch(REF, never())
  expect(logins()).toBe(1)
  service.breaks(/kv\/data\//, (response) => response.writeHead(403).end('{}'))
  await refusal(one.fetch(REF, never()))
  service.heals()
  await one.fetch(REF, never())
  expect(logins()).toBe(2)
  await one.close()
  auth = { token_type: 'service', lease_duration: 600 }
})

test('a login that is under way when all is closed is waited for, and given back', async () => {
  const one = store()
  const before = service.seen.length
  const response = new Promise<ServerResponse>((resolve) => service.breaks(/login$/, (asked) => resolve(asked)))
  const reading = one.fetch(REF, never()).catch(() => undefined)
  const held = await response
  service.heals()
  const closing = one.close()
  held.end(JSON.stringify({ auth: { client_token: LOGIN, ...auth } }))
  await Promise.all([closing, reading])
  expect(service.seen.slice(before).some((asked) => asked.endsWith('/revoke-self'))).toBe(true)
})

test('a batch token is not revoked: it cannot be', async () => {
  auth = { token_type: 'batch', lease_duration: 600 }
  const one = store()
  await one.fetch(REF, never())
  await one.close()
  expect(service.seen.at(-1)).toMatch(/^GET /)
  auth = { token_type: 'service', lease_duration: 0 }
})

test('a store that vanished before the login was given back does not keep anybody', async () => {
  const one = store()
  await one.fetch(REF, never())
  service.breaks(/revoke-self/, (response) => response.destroy())
  await one.close()
  service.heals()
})

test('a store that never answers to a login that is given back is left after a time of its own', async () => {
  const one = store()
  await one.fetch(REF, never())
  const asked = new Promise<void>((resolve) => service.breaks(/revoke-self/, () => resolve()))
  const time = new AbortController()
  const within = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
  try {
    const closing = one.close()
    await asked
    expect(within.mock.calls).toEqual([[10_000]])
    time.abort()
    await closing
  } finally {
    within.mockRestore()
    service.heals()
  }
})

test.each([
  ['a number', 7, 'is not text'],
  ['an object', { canary: 1 }, 'is not text'],
  ['text', 'canary: not base64', 'is neither base64 nor PEM nor XML'],
  ['base64 of another alphabet', 'BQI_canary-', 'is neither base64 nor PEM nor XML'],
  ['nothing', '', 'is neither base64 nor PEM nor XML'],
  ['more than a secret may be', Buffer.alloc((1 << 20) + 1, 'c').toString('base64'), 'is larger than 1048576 bytes'],
])('a value that is %s is malformed, and not quoted', async (_, wrong, told) => {
  value = wrong
  const one = store()
  const { code, message } = await refusal(one.fetch(REF, never()), [...shown(BINARY), LOGIN])
  expect(code).toBe('secret-malformed')
  expect(message).toContain(told)
  expect(message).not.toContain('canary')
  await one.close()
})

test('a key that was set to null is not there', async () => {
  value = null
  const one = store()
  expect((await refusal(one.fetch(REF, never()))).code).toBe('secret-not-found')
  await one.close()
})

test.each(['__proto__', 'constructor', 'toString'])('`%s` is in every object, and in no secret', async (key) => {
  const one = store()
  expect((await refusal(one.fetch({ ...REF, key }, never()))).code).toBe('secret-not-found')
  await one.close()
})

test.each([
  ['PEM', '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n'],
  ['XML', '<?xml version="1.0"?>\n<configuration/>\n'],
])('%s stands in it as it is', async (_, text) => {
  value = text
  const one = store()
  expect(new TextDecoder().decode((await one.fetch(REF, never())).bytes)).toBe(text)
  await one.close()
})

/** What a real one says of a login depends on its auth method, and of a secret on its engine: the status is what counts. */
test.each([
  [/login$/, 400, 'secret-unauthenticated'],
  [/login$/, 401, 'secret-unauthenticated'],
  [/login$/, 403, 'secret-unauthenticated'],
  [/login$/, 404, 'secret-unavailable'],
  [/kv\/data\//, 400, 'secret-unavailable'],
  [/kv\/data\//, 403, 'secret-forbidden'],
  [/kv\/data\//, 404, 'secret-not-found'],
  [/kv\/data\//, 473, 'secret-unavailable'],
])('at %s HTTP %i is `%s`', async (where, status, code) => {
  const one = store()
  service.breaks(where, (response) => response.writeHead(status).end('{"errors":["because"]}'))
  const told = await refusal(one.fetch(REF, never()), [...shown(BINARY), LOGIN])
  service.heals()
  expect(told).toEqual({ code, message: expect.stringContaining(`HTTP ${status}: because`) })
  await one.close()
})

test.each([
  ['a login with a token that would be a header of its own', /login$/, { auth: { client_token: 'a\r\nx-canary: b' } }],
  ['a login without a token', /login$/, { auth: { client_token: 7 } }],
  ['a secret without a version', /kv\/data\//, { data: { data: { keytab: 'BQI=' }, metadata: { version: '3' } } }],
  ['a secret that is a list', /kv\/data\//, { data: { data: 'canary', metadata: { version: 3 } } }],
])('%s is malformed', async (_, where, answered) => {
  value = Buffer.from(BINARY).toString('base64')
  const one = store()
  service.breaks(where, (response) => response.end(JSON.stringify(answered)))
  const { code, message } = await refusal(one.fetch(REF, never()))
  service.heals()
  expect(code).toBe('secret-malformed')
  expect(message).not.toContain('canary')
  expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
  await one.close()
})

test.each([
  [1_000_000, { code: 'secret-unauthenticated', hint: expect.stringContaining('ended 1970-01-12') }],
  [4_000_000_000, { code: 'secret-unauthenticated', hint: undefined }],
])(
  'a login that is refused, with a service-account token that holds until %i, says so if that is over',
  async (exp, told) => {
    writeFileSync(tokenFile, `head.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.signature`)
    service.breaks(/login$/, (response) => response.writeHead(403).end('{}'))
    await expect(store().fetch(REF, never())).rejects.toMatchObject(told)
    service.heals()
  },
)
