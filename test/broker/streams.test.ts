/** What open streams are told when policy changes, and how they end. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Caller } from '../../src/broker/caller.ts'
import { sliceStreams } from '../../src/broker/slice-streams.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { writeRenewal } from '../../src/core/policy/renewal.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import type { Broker } from './in-process.ts'
import { bodyOf, linesOf, startBroker } from './in-process.ts'
import type { Issuer } from './tokens.ts'
import { claims, claimsOf, makeIssuer, seconds } from './tokens.ts'

let issuer: Issuer
let broker: Broker

beforeAll(async () => {
  issuer = await makeIssuer()
  broker = await startBroker(issuer.keys)
})
beforeEach(() => broker.put(broker.bundle))
afterAll(() => broker?.stop())

const SLICES = '/v1/slices?identity=quant-research'
const open = async (identity = 'quant-research', payload = claims()) =>
  linesOf(await broker.get(`/v1/slices?identity=${identity}`, await issuer.sign(payload)))

/** The example policies with one more dataset for quant, or with an identity taken from whom it was for. */
const widened = (): Bundle => ({
  ...broker.bundle,
  hash: 'sha256:widened',
  grants: broker.bundle.grants.map((grant) =>
    grant.name === 'quant-reads-market' ? { ...grant, datasets: ['market', 'weather'] } : grant,
  ),
})
const without = (identity: string): Bundle => ({
  ...broker.bundle,
  identities: new Map([...broker.bundle.identities].filter(([name]) => name !== identity)),
})
const moved = (identity: string): Bundle => ({
  ...broker.bundle,
  identities: new Map(
    [...broker.bundle.identities].map(([name, each]) => [
      name,
      name === identity ? { ...each, allowedFor: [{ namespace: 'ml-quant', serviceAccounts: ['analyst'] }] } : each,
    ]),
  ),
})

describe('when policy changes', () => {
  it('tells every open stream its new slice', async () => {
    const streams = [await open(), await open(), await open('climate-models', claimsOf('ml-climate', 'trainer'))]
    const before = await Promise.all(streams.map((lines) => lines.next()))
    broker.put(widened())
    const after = await Promise.all(streams.map((lines) => lines.next()))
    const [quant, same] = after.map(({ value }) => value ?? '')
    expect(readSlice(quant ?? '').places.map(({ path }) => path)).toContain('/data/weather')
    expect(readSlice(quant ?? '').bundle).toBe('sha256:widened')
    expect(same).toBe(quant)
    expect(before[0]?.value).not.toContain('/data/weather')
  })

  it('tells a stream whose slice is the same that it stands, and whose slice changed back the slice', async () => {
    const quant = await open()
    const climate = await open('climate-models', claimsOf('ml-climate', 'trainer'))
    const first = await quant.next()
    await climate.next()
    broker.put(widened())
    expect(await climate.next()).toEqual({ done: false, value: '{"renewed":"sha256:widened"}' })
    await quant.next()
    broker.put(broker.bundle)
    expect(await quant.next()).toEqual(first)
    expect(await climate.next()).toEqual({ done: false, value: writeRenewal(broker.bundle.hash) })
  })

  it.each([
    ['its service account may no longer use', () => moved('quant-research')],
    ['is gone', () => without('quant-research')],
  ])('ends the stream of an identity that %s, and says so in the last line', async (_, bundle) => {
    const quant = await open()
    const climate = await open('climate-models', claimsOf('ml-climate', 'trainer'))
    await quant.next()
    await climate.next()
    broker.put(bundle())
    expect(await quant.next()).toEqual({ done: false, value: '{"revoked":"pod-refused"}' })
    expect(await quant.next()).toMatchObject({ done: true })
    expect(await climate.next()).toMatchObject({ done: false })
    expect((await broker.get(SLICES, await issuer.sign(claims()))).statusCode).toBe(403)
    expect(await bodyOf(await broker.get('/metrics'))).toMatch(/^kerbside_broker_streams_revoked_total [1-9]/m)
  })
})

describe('a stream', () => {
  it('ends at the latest when its token expires', async () => {
    const lines = await open('quant-research', claims({ exp: seconds() + 2 }))
    expect(await lines.next()).toMatchObject({ done: false })
    expect(await lines.next()).toMatchObject({ done: true })
  })

  it('is forgotten when the sidecar goes away', async () => {
    const answer = await broker.get(SLICES, await issuer.sign(claims({ 'kubernetes.io': pod('leaver-0') })))
    await once(answer, 'data')
    answer.destroy()
    await expect.poll(() => broker.log()).toMatch(/"pod":"leaver-0".*"sidecar gone"/)
  })
})

describe('the server', () => {
  it('is alive, and has nothing elsewhere', async () => {
    expect((await broker.get('/healthz')).statusCode).toBe(200)
    const nothing = await broker.get('/v1/<script>')
    expect([nothing.statusCode, await bodyOf(nothing)]).toEqual([404, '{"message":"there is nothing here"}'])
  })
})

describe('streams, with time as we like it', () => {
  const caller = (more: Partial<Caller> = {}): Caller => ({
    namespace: 'ml-quant',
    serviceAccount: 'trainer',
    pod: 'train-0',
    podUid: 'uid',
    identity: 'quant-research',
    expiresAt: Date.now() + 3_600_000,
    ...more,
  })
  const quiet = { sent: () => {}, revoked: () => {} }
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('send an empty line every 15 seconds', () => {
    const streams = sliceStreams(Date.now, quiet)
    streams.update(broker.bundle)
    const out = new PassThrough()
    streams.open(caller(), () => out)
    out.read()
    vi.advanceTimersByTime(45_000)
    expect(String(out.read())).toBe('\n\n\n')
    streams.end()
  })

  it('do not end early because a token lives longer than a timer can count', () => {
    const streams = sliceStreams(Date.now, quiet)
    streams.update(broker.bundle)
    streams.open(caller({ expiresAt: Date.now() + 2 ** 40 }), () => new PassThrough().resume())
    vi.advanceTimersByTime(60_000)
    expect(streams.count()).toBe(1)
    streams.end()
    expect(streams.count()).toBe(0)
  })

  it('cut off a reader that does not read', () => {
    const streams = sliceStreams(Date.now, quiet)
    streams.update(broker.bundle)
    const out = new PassThrough()
    streams.open(caller(), () => out)
    const bundles = [widened(), broker.bundle]
    for (let change = 0; change < 10_000 && !out.destroyed; change++) streams.update(bundles[change % 2] ?? widened())
    expect(out.destroyed).toBe(true)
  })

  it('are not kept for a caller that went away while it was looked at', () => {
    const streams = sliceStreams(Date.now, quiet)
    streams.update(broker.bundle)
    streams.open(caller(), () => new PassThrough().destroy())
    expect(streams.count()).toBe(0)
    streams.end()
  })

  it('begin no answer for a caller that the bundle in force does not allow', () => {
    const streams = sliceStreams(Date.now, quiet)
    const begin = vi.fn(() => new PassThrough())
    expect(() => streams.open(caller(), begin)).toThrow('no policy is loaded')
    streams.update(moved('quant-research'))
    expect(streams.open(caller(), begin)).toMatchObject({ reason: 'pod-refused' })
    expect(begin).not.toHaveBeenCalled()
    streams.end()
  })
})

const pod = (name: string) => ({ ...Object(claims()['kubernetes.io']), pod: { name, uid: 'uid-of-it' } })
