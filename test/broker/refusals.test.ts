/** Who gets nothing from the broker: every token that is not right, and every right token that asks for more. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callersByKeysFile } from '../../src/broker/keys-file.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { BROKER_REASONS } from '../../src/core/reasons.ts'
import type { Broker } from './in-process.ts'
import { bodyOf, linesOf, startBroker } from './in-process.ts'
import type { Issuer } from './tokens.ts'
import { claims, claimsOf, ISSUER, makeIssuer, rightClaims, seconds } from './tokens.ts'

let issuer: Issuer
let broker: Broker
const SLICES = '/v1/slices?identity=quant-research'

beforeAll(async () => {
  issuer = await makeIssuer()
  broker = await startBroker(issuer.keys)
})
afterAll(() => broker?.stop())

const bound = () => Object(rightClaims()['kubernetes.io'])

describe('a sidecar with the token of its pod', () => {
  it('gets the slice of its identity, and nothing of another team', async () => {
    const answer = await broker.get(SLICES, await issuer.sign(claims()))
    expect(answer.statusCode).toBe(200)
    const { value } = await linesOf(answer).next()
    const slice = readSlice(value ?? '')
    expect(slice).toMatchObject({ identity: 'quant-research', team: 'quant', secret: 'hdfs/quant-research' })
    expect(value).not.toContain('climate')
    answer.destroy()
  })

  it('may have its audience as text as well as in a list', async () => {
    const answer = await broker.get(SLICES, await issuer.sign(claims({ aud: 'kerbside.io' })))
    expect(answer.statusCode).toBe(200)
    answer.destroy()
  })
})

describe('a token that is not one for us is refused', () => {
  it.each<[string, Record<string, unknown>, number, keyof typeof BROKER_REASONS]>([
    ['of the API server itself', { aud: ['https://kubernetes.default.svc'] }, 401, 'bad-token'],
    ['of another audience', { aud: ['vault'] }, 401, 'bad-token'],
    ['of an audience that only begins like ours', { aud: ['kerbside.io.evil'] }, 401, 'bad-token'],
    ['of two audiences', { aud: ['kerbside.io', 'vault'] }, 401, 'bad-token'],
    ['of our audience twice', { aud: ['kerbside.io', 'kerbside.io'] }, 401, 'bad-token'],
    ['of no audience', { aud: undefined }, 401, 'bad-token'],
    ['expired', { exp: seconds() - 60 }, 401, 'bad-token'],
    ['not valid yet', { nbf: seconds() + 3600 }, 401, 'bad-token'],
    ['that never expires', { exp: undefined }, 401, 'bad-token'],
    ['of another issuer', { iss: 'https://other.example' }, 401, 'bad-token'],
    ['that is bound to no pod', { 'kubernetes.io': { ...bound(), pod: undefined } }, 403, 'not-pod-bound'],
    [
      'that is bound to a Secret',
      { 'kubernetes.io': { ...bound(), pod: undefined, secret: {} } },
      403,
      'not-pod-bound',
    ],
    ['without uid of its pod', { 'kubernetes.io': { ...bound(), pod: { name: 'train-0' } } }, 403, 'not-pod-bound'],
    ['of an old Secret, without bound claims', { 'kubernetes.io': undefined }, 401, 'bad-token'],
    ['whose subject is another', { sub: 'system:serviceaccount:ml-climate:trainer' }, 401, 'bad-token'],
    ['of a person', { sub: 'admin' }, 401, 'bad-token'],
  ])('%s', async (_, more, status, reason) => {
    await expectRefusal(await issuer.sign(claims(more)), status, reason)
  })

  it('signed by another key', async () => {
    const other = await makeIssuer()
    await expectRefusal(await other.sign(claims()), 401, 'bad-token')
  })

  it('signed by nobody', async () => {
    const none = [{ alg: 'none' }, claims()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    await expectRefusal(`${none.join('.')}.`, 401, 'bad-token')
  })

  it('signed with the public key as a shared secret', async () => {
    const [key] = JSON.parse(issuer.keys).keys
    for (const secret of [JSON.stringify(key), issuer.keys, key.x]) {
      const parts = [{ alg: 'HS256', kid: 'first' }, claims()]
      const said = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      const signature = createHmac('sha256', secret).update(said).digest('base64url')
      await expectRefusal(`${said}.${signature}`, 401, 'bad-token')
    }
  })

  it('signed with a shared secret that somebody put among the public keys', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kerbside-keys-'))
    const keysFile = join(folder, 'keys.json')
    const secret = Buffer.from('a secret that is long enough for HS256')
    writeFileSync(
      keysFile,
      JSON.stringify({ keys: [{ kty: 'oct', kid: 'first', alg: 'HS256', k: secret.toString('base64url') }] }),
    )
    const recognise = await callersByKeysFile({ keysFile, issuer: ISSUER, clock: Date.now })
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret)
    expect(await recognise({ token, identity: 'quant-research' })).toMatchObject({ reason: 'bad-token' })
    rmSync(folder, { recursive: true })
  })

  it('that brings its own key along', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const header = { alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) }
    const token = await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey)
    await expectRefusal(token, 401, 'bad-token')
  })

  it.each(['x', 'a.b.c', '{}', '%00', 'eyJhbGciOiJub25lIn0.e30.'])('that is none: %j', async (token) => {
    await expectRefusal(token, 401, token === '{}' || token === '%00' ? 'no-token' : 'bad-token')
  })

  it('that is not there', async () => {
    await expectRefusal(undefined, 401, 'no-token')
  })
})

describe('a good token gets only what policy gives its service account', () => {
  it.each([
    ['another team', 'climate-models', claims()],
    ['an identity that is not there', 'nobody', claims()],
    ['a name that every object has', 'constructor', claims()],
    ['another name that every object has', '__proto__', claims()],
    ['from another namespace', 'quant-research', claimsOf('ml-climate', 'trainer')],
    ['from another service account', 'quant-research', claimsOf('ml-quant', 'default')],
    ['from a namespace that begins alike', 'quant-research', claimsOf('ml-quant-2', 'trainer')],
  ])('%s: refused in the same words, whatever there is', async (_, identity, payload) => {
    const answer = await broker.get(`/v1/slices?identity=${identity}`, await issuer.sign(payload))
    expect(answer.statusCode).toBe(403)
    const message = BROKER_REASONS['pod-refused']
    expect(JSON.parse(await bodyOf(answer))).toEqual({ reason: 'pod-refused', message })
  })

  it.each(['/v1/slices', '/v1/slices?identity=a&identity=b', `/v1/slices?identity=${'a'.repeat(64)}`])(
    'a request that names no identity is not understood: %s',
    async (path) => {
      const answer = await broker.get(path, await issuer.sign(claims()))
      expect(answer.statusCode).toBe(400)
    },
  )

  it('a service account whose name is not one cannot be spelt into another', async () => {
    const payload = claimsOf('ml-quant', 'trainer:x')
    await expectRefusal(await issuer.sign(payload), 401, 'bad-token')
    const newline = claimsOf('ml-quant', 'trainer\n')
    await expectRefusal(await issuer.sign(newline), 401, 'bad-token')
  })
})

it('logs who was refused and why, and never a token', async () => {
  const token = await issuer.sign(claims({ aud: ['vault'], iss: ISSUER }))
  await expectRefusal(token, 401, 'bad-token')
  expect(broker.log()).toContain('"reason":"bad-token"')
  for (const part of token.split('.')) expect(broker.log()).not.toContain(part)
})

it('counts outcomes by reason, and takes nothing of a request as a label', async () => {
  await expectRefusal(undefined, 401, 'no-token')
  const metrics = await bodyOf(await broker.get('/metrics'))
  expect(metrics).toMatch(/kerbside_broker_requests_total\{what="slices",outcome="no-token"\} [1-9]/)
  expect(metrics).not.toContain('constructor')
})

async function expectRefusal(token: string | undefined, status: number, reason: keyof typeof BROKER_REASONS) {
  const answer = await broker.get(SLICES, token)
  const body = await bodyOf(answer)
  expect([answer.statusCode, JSON.parse(body)]).toEqual([status, { reason, message: BROKER_REASONS[reason] }])
}
