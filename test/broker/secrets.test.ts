/** Both ends of a hand-out: the sidecar's side of it against the broker's server, and who gets nothing. The pod is looked at in test/e2e/broker. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readSecrets } from '../../src/core/identity/secrets-answer.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { BROKER_REASONS } from '../../src/core/reasons.ts'
import { brokerStore } from '../../src/io/broker/broker-store.ts'
import type { SecretRef, SecretStore } from '../../src/io/secret-store.ts'
import { filesStore } from '../../src/io/secret-stores/files.ts'
import { refusal } from '../io/secret-stores/contract.ts'
import { makeAuthority, startLoopbackBroker } from '../sidecar/policy/loopback-broker.ts'
import { type Broker, bodyOf, startBroker } from './in-process.ts'
import { claims, claimsOf, type Issuer, makeIssuer } from './tokens.ts'

const KEYTAB = Uint8Array.from([5, 2, ...Array.from({ length: 256 }, (_, index) => index)])
const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
const tokenFile = join(folder, 'token')
const upstream = filesStore(join(folder, 'store'))
/** Runs before each read of the store. */
let onRead: (ref: SecretRef) => void
const store: SecretStore = {
  async fetch(ref, signal) {
    onRead(ref)
    return upstream.fetch(ref, signal)
  },
  close: upstream.close,
}
let issuer: Issuer
let broker: Broker
let good: string

const put = (name: string, bytes: string | Uint8Array) => {
  const file = join(folder, 'store', name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}
/** The example policies, with some identities through the broker. */
const through = (names: readonly string[], more: object = {}): Bundle => {
  const way = { secretsThrough: 'broker' as const, ...more }
  const identities = [...broker.bundle.identities].map(
    ([name, it]) => [name, names.includes(name) ? { ...it, ...way } : it] as const,
  )
  return { ...broker.bundle, identities: new Map(identities) }
}

beforeAll(async () => {
  issuer = await makeIssuer()
  broker = await startBroker(issuer.keys, { store })
  good = await issuer.sign(claims())
})
beforeEach(() => {
  onRead = () => {}
  rmSync(join(folder, 'store'), { recursive: true, force: true })
  put('hdfs/quant-research/keytab', KEYTAB)
  put('hdfs/lab/ca.pem', '-----BEGIN CERTIFICATE-----\n')
  put('hdfs/climate-models/keytab', 'canary of climate')
  writeFileSync(tokenFile, `${good}\n`)
  broker.put(through(['quant-research', 'climate-models']))
})
afterAll(async () => {
  await broker?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const SECRETS = '/v1/secrets?identity=quant-research'
const never = new AbortController().signal
const asked = (change: Partial<Parameters<typeof brokerStore>[0]> = {}) =>
  brokerStore({ url: broker.url, identity: 'quant-research', ca: broker.ca, tokenFile, ...change })
const fetchKeytab = (one: SecretStore) => one.fetch({ path: 'hdfs/quant-research', key: 'keytab' }, never)

describe('a sidecar whose policy says `secretsThrough: broker`', () => {
  test('has its keytab and the CA of its cluster, byte for byte, in one request', async () => {
    const one = asked()
    const [keytab, ca] = await Promise.all([fetchKeytab(one), one.fetch({ path: 'hdfs/lab', key: 'ca.pem' }, never)])
    expect([...keytab.bytes]).toEqual([...KEYTAB])
    expect(Buffer.from(ca.bytes).toString()).toBe('-----BEGIN CERTIFICATE-----\n')
    await one.close()
    // What it got is its own: closing wipes what came in, not what was taken out of it.
    expect([...keytab.bytes]).toEqual([...KEYTAB])
    expect((await fetchKeytab(one)).bytes.length).toBe(KEYTAB.length)
  })

  test('keeps no byte of what came in once it is closed', async () => {
    const one = asked()
    await fetchKeytab(one)
    const wiped = vi.spyOn(Buffer.prototype, 'fill')
    await one.close()
    const zeroed = wiped.mock.contexts.filter((_, at) => wiped.mock.calls[at]?.[0] === 0)
    expect(zeroed.map((bytes) => (bytes as Buffer).length)).toContain(KEYTAB.length)
    wiped.mockRestore()
  })

  test('has the same version while the secret is the same, and another with another', async () => {
    const [first, second] = [await fetchKeytab(asked()), await fetchKeytab(asked())]
    expect(second.version).toBe(first.version)
    put('hdfs/quant-research/keytab', KEYTAB.toReversed())
    expect((await fetchKeytab(asked())).version).not.toBe(first.version)
  })

  test('does not choose by path: another one in the request of the sidecar leads to its own secret', async () => {
    const { bytes } = await asked().fetch({ path: 'hdfs/climate-models', key: 'keytab' }, never)
    expect([...bytes]).toEqual([...KEYTAB])
    expect(await refusal(asked().fetch({ path: 'hdfs/climate-models', key: 'password' }, never))).toMatchObject({
      code: 'secret-not-found',
    })
  })

  test('is in the log before it has them, with the version of each and no byte of them', async () => {
    await fetchKeytab(asked())
    const line =
      broker
        .log()
        .split('\n')
        .findLast((text) => text.includes('secrets handed out')) ?? '{}'
    const { namespace, pod, podUid, serviceAccount, identity, secrets } = JSON.parse(line)
    expect({ namespace, pod, podUid, serviceAccount, identity }).toEqual({
      namespace: 'ml-quant',
      pod: 'train-0',
      podUid: '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c',
      serviceAccount: 'trainer',
      identity: 'quant-research',
    })
    expect(secrets).toContainEqual({ path: 'hdfs/quant-research', key: 'keytab', version: expect.any(String) })
    for (const part of good.split('.')) expect(broker.log()).not.toContain(part)
    expect(broker.log()).not.toMatch(/AAECAwQ|00010203|"0":5/)
  })
})

describe('nothing is handed out', () => {
  const refused = async (token: string | undefined, path = SECRETS) => {
    const answer = await broker.get(path, token)
    return [answer.statusCode, JSON.parse(await bodyOf(answer))]
  }
  const because = (status: number, reason: keyof typeof BROKER_REASONS) => [
    status,
    { reason, message: BROKER_REASONS[reason] },
  ]

  test('for no token, another audience, two audiences, or a token that is bound to no pod', async () => {
    expect(await refused(undefined)).toEqual(because(401, 'no-token'))
    for (const aud of [['https://kubernetes.default.svc'], ['kerbside.io', 'vault']]) {
      expect(await refused(await issuer.sign(claims({ aud })))).toEqual(because(401, 'bad-token'))
    }
    const unbound = { ...Object(claims()['kubernetes.io']), pod: undefined }
    expect(await refused(await issuer.sign(claims({ 'kubernetes.io': unbound })))).toEqual(
      because(403, 'not-pod-bound'),
    )
  })

  test('for the identity of another team, or one that is not there, in the same words', async () => {
    for (const identity of ['climate-models', 'nobody', 'constructor', '__proto__']) {
      expect(await refused(good, `/v1/secrets?identity=${identity}`)).toEqual(because(403, 'pod-refused'))
    }
    const foreign = await issuer.sign(claimsOf('ml-climate', 'trainer'))
    expect(await refused(foreign)).toEqual(because(403, 'pod-refused'))
  })

  test.each([['sidecar'], [undefined]])('where policy says %s: the broker reads nothing then', async (way) => {
    let reads = 0
    onRead = () => void reads++
    const { secretsThrough: _, ...rest } = broker.bundle.identities.get('quant-research') ?? expect.unreachable()
    const said = { ...rest, ...(way === undefined ? {} : { secretsThrough: 'sidecar' as const }) }
    broker.put({ ...broker.bundle, identities: new Map([['quant-research', said]]) })
    expect(await refused(good)).toEqual(because(403, 'secrets-direct'))
    expect(reads).toBe(0)
  })

  test('when policy takes the identity away, also while the store is being read', async () => {
    broker.put({ ...broker.bundle, identities: new Map() })
    expect(await refused(good)).toEqual(because(403, 'pod-refused'))
    broker.put(through(['quant-research']))
    onRead = () => broker.put({ ...broker.bundle, identities: new Map() })
    expect(await refused(good)).toEqual(because(403, 'pod-refused'))
  })

  test('when policy names another secret while the store is being read: it is asked again', async () => {
    onRead = () => broker.put(through(['quant-research'], { secret: 'hdfs/quant-new' }))
    expect(await refused(good)).toEqual([503, { message: 'it cannot be found out now who asks; try again' }])
  })

  test.each(['&path=hdfs/climate-models', '&secret=hdfs/climate-models', '&identity=climate-models', '&key=keytab'])(
    'to a request that says more than an identity: %s',
    async (more) => {
      expect((await broker.get(`${SECRETS}${more}`, good)).statusCode).toBe(400)
    },
  )

  test.each(['/v1/secrets/hdfs/climate-models', '/v1/secrets/../secrets/x', '/v1/secrets/'])('at %s', async (path) => {
    expect((await broker.get(`${path}?identity=quant-research`, good)).statusCode).toBe(404)
  })

  test.each(['HEAD', 'POST', 'PUT', 'DELETE'])('to %s', async (method) => {
    const headers = { authorization: `Bearer ${good}` }
    const status = await new Promise((resolve, reject) => {
      const options = { method, headers, ca: broker.ca, agent: false }
      request(`${broker.url}${SECRETS}`, options, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(404)
  })

  test('to a request that is too large to be one of a sidecar', async () => {
    expect((await broker.get(SECRETS, 'x'.repeat(64 << 10))).statusCode).toBe(431)
    expect((await broker.get(`/v1/secrets?identity=${'a'.repeat(64)}`, good)).statusCode).toBe(400)
  })
})

describe('what is wrong travels to the sidecar by the code of the store', () => {
  test('one secret that is not there does not take the others away', async () => {
    rmSync(join(folder, 'store/hdfs/quant-research'), { recursive: true })
    const one = asked()
    expect((await one.fetch({ path: 'hdfs/lab', key: 'ca.pem' }, never)).bytes.length).toBeGreaterThan(0)
    const { code, message } = await refusal(fetchKeytab(one))
    expect([code, message]).toEqual([
      'secret-not-found',
      '`keytab` through the broker: the secret store has no such secret',
    ])
    expect(broker.log()).toContain('secret `hdfs/quant-research` `keytab` is not in the folder')
  })

  test.each([
    ['secret-malformed', () => put('hdfs/quant-research/keytab', new Uint8Array((1 << 20) + 1))],
    ['secret-unavailable', () => (onRead = () => fail())],
  ])('%s', async (code, breakIt) => {
    breakIt()
    expect(await refusal(fetchKeytab(asked()))).toMatchObject({ code })
    expect(broker.log()).not.toContain('canary')
  })

  test('a broker without a store says nothing about secrets, and its operator is told', async () => {
    const poor = await startBroker(issuer.keys)
    expect(await refusal(fetchKeytab(asked({ url: poor.url, ca: poor.ca })))).toMatchObject({
      code: 'secret-unavailable',
    })
    expect(poor.log()).toContain('this broker has no secret store')
    await poor.stop()
  })

  test('a token that the broker does not take is `secret-unauthenticated`, one of another pod `secret-forbidden`', async () => {
    writeFileSync(tokenFile, await issuer.sign(claims({ aud: ['vault'] })))
    expect(await refusal(fetchKeytab(asked()))).toMatchObject({
      code: 'secret-unauthenticated',
      message: expect.stringContaining(`bad-token: ${BROKER_REASONS['bad-token']}`),
    })
    writeFileSync(tokenFile, await issuer.sign(claimsOf('ml-climate', 'trainer')))
    expect(await refusal(fetchKeytab(asked()))).toMatchObject({ code: 'secret-forbidden' })
    rmSync(tokenFile)
    expect(await refusal(fetchKeytab(asked()))).toMatchObject({ code: 'secret-unauthenticated' })
  })
})

describe('the service-account token', () => {
  test('is shown to nobody whom KERBSIDE_CA does not vouch for', async () => {
    const stranger = await startLoopbackBroker(await makeAuthority())
    const { code, message } = await refusal(fetchKeytab(asked({ url: stranger.url })))
    expect([code, message]).toEqual(['secret-unavailable', expect.stringContaining('its certificate is not accepted')])
    expect(stranger.seen).toEqual([])
    await stranger.close()
  })

  test('is not sent in the clear, and stands in no error', async () => {
    const plain = asked({ url: broker.url.replace('https:', 'http:') })
    const { code, message } = await refusal(fetchKeytab(plain))
    expect(code).toBe('secret-unavailable')
    expect(message).not.toContain(good)
  })
})

test('the answer is for one sidecar alone, and for no cache on the way', async () => {
  const answer = await broker.get(SECRETS, good)
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/octet-stream' })
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const keys = readSecrets(Buffer.concat(chunks)).map(({ key }) => key)
  expect(keys).toEqual(expect.arrayContaining(['ca.pem', 'keytab']))
  expect(await bodyOf(await broker.get('/metrics'))).toMatch(/^kerbside_broker_secrets_total\{outcome="given"\} [1-9]/m)
})

function fail(): never {
  throw new Error('canary: whatever a store may throw')
}
