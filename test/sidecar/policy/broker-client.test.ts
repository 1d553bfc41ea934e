/** What the sidecar believes of policy, while a broker on loopback sends, goes silent, lies and refuses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { makeLog } from '../../../sidecar/log.ts'
import { BrokerClient, type BrokerClientOptions } from '../../../sidecar/policy/broker-client.ts'
import { on } from '../../../src/core/hdfs/demands.ts'
import type { KeptSlice } from '../../../src/core/policy/kept-slice.ts'
import { writeRevocation } from '../../../src/core/policy/revocation.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { hdfs } from '../../core/policy/bundle-of.ts'
import { SLICE } from '../gateway/story.ts'
import { codeOf, type LoopbackBroker, makeAuthority, refuse, startLoopbackBroker, stream } from './loopback-broker.ts'

const TOKEN = 'service-account-token-canary'
const QUICK = { silenceMs: 5000, retry: { firstMs: 20, longestMs: 50 }, lookMs: 10 }
const HOUR_MS = 3_600_000

let folder: string
let broker: LoopbackBroker
let client: BrokerClient | undefined
let said: string[]
let now: number

beforeAll(async () => {
  broker = await startLoopbackBroker(await makeAuthority())
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  writeFileSync(join(folder, 'token'), `${TOKEN}-1\n`)
  broker.answer((response) => response.writeHead(200).flushHeaders())
  broker.seen.length = 0
  said = []
  now = 1_795_632_000_000
})
afterEach(async () => {
  await client?.close()
  client = undefined
  rmSync(folder, { recursive: true })
})
afterAll(() => broker.close())

function connect(options: Partial<BrokerClientOptions> = {}): BrokerClient {
  const log = makeLog({ level: 'debug', out: (line) => said.push(line), clock: () => now })
  const { url, ca } = broker
  const tokenFile = join(folder, 'token')
  const given = { url, ca, tokenFile, identity: 'quant-research', log, clock: () => now, chance: () => 0.5 }
  client = new BrokerClient({ ...given, limits: QUICK, ...options })
  return client
}

const line = writeSlice(SLICE)
/** What a slice does: its mode, and whether quant may read market by it. */
const says = ({ mode, policy }: KeptSlice) => [mode, policy.decide([on('read', hdfs('/data/market/x'))], now).effect]
const OPEN = ['enforce', 'allow']
const CLOSED = ['enforce', 'deny']
/** Waits for what loopback does in milliseconds, and a busy machine in seconds. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 10 })
const becomes = (one: BrokerClient, code: string) => soon(() => expect(codeOf(one)).toBe(code))

test('before the first slice nothing is allowed; then it is given, and each change at once', async () => {
  const one = connect()
  expect(codeOf(one)).toBe('not-ready')
  await soon(() => expect(broker.seen).toHaveLength(1))
  expect(broker.seen[0]).toEqual({ path: '/v1/slices?identity=quant-research', authorization: `Bearer ${TOKEN}-1` })
  const heard: KeptSlice[] = []
  one.onChange((slice) => heard.push(slice))
  broker.say(`${line.slice(0, 100)}`)
  broker.say(`${line.slice(100)}\n\n${writeSlice({ ...SLICE, team: 'other' })}\n`)
  await soon(() => expect(heard.map(({ team }) => team)).toEqual(['quant', 'other']))
  expect(one.get().team).toBe('other')
  expect(await one.first(new AbortController().signal)).toBe(one.get())
})

test('a broker that goes away leaves the slice standing for an hour, then nothing is allowed and streams are told', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  const heard: KeptSlice[] = []
  one.onChange((slice) => heard.push(slice))
  broker.answer((response) => response.destroy())
  broker.cut()
  await soon(() => expect(one.status().state).toBe('stale'))
  now += HOUR_MS - 1
  expect(codeOf(one)).toBe('slice of quant-research')
  now += 1
  expect(codeOf(one)).toBe('not-ready')
  await soon(() => expect(heard.map(says)).toEqual([CLOSED]))
  broker.answer(stream(line))
  await becomes(one, 'slice of quant-research')
  expect(one.status().state).toBe('ready')
})

test.each([
  ['shorter', 60],
  ['longer', 7200],
])('a slice says itself how long it stands: %s than an hour', async (_, maxStaleSeconds) => {
  broker.answer(stream(writeSlice({ ...SLICE, maxStaleSeconds })))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  now += maxStaleSeconds * 1000 - 1
  expect(codeOf(one)).toBe('slice of quant-research')
  now += 1
  expect(() => one.get()).toThrow(`has not been heard for ${maxStaleSeconds} s, the most that policy allows`)
})

test('a broker that takes the connection and never answers prolongs nothing: streams are told at the ceiling', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  const heard: KeptSlice[] = []
  one.onChange((slice) => heard.push(slice))
  const before = broker.seen.length
  broker.answer(() => undefined)
  broker.cut()
  await soon(() => expect(broker.seen.length).toBe(before + 1))
  expect(heard).toEqual([])
  now += HOUR_MS
  await vi.waitFor(() => expect(heard.map(says)).toEqual([CLOSED]), { timeout: QUICK.silenceMs - 1000, interval: 10 })
  expect(broker.seen.length).toBe(before + 1)
})

test('an outage is on record when it begins, when nothing counts any more, and when it ends', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  const news: string[] = []
  one.onNews(({ bundle, detail }) => news.push(`${bundle === SLICE.bundle} ${detail}`))
  broker.answer((response) => response.destroy())
  broker.cut()
  await soon(() => expect(one.status()).toMatchObject({ state: 'stale', silentMs: 0, maxStaleMs: HOUR_MS }))
  now += HOUR_MS + 5000
  await soon(() => expect(one.status().state).toBe('closed'))
  await soon(() => expect(news).toHaveLength(2))
  broker.answer(stream(line))
  await soon(() => expect(news).toHaveLength(4))
  expect(news).toEqual([
    'true stale: no broker is heard (broker-unreachable), the last slice counts for another 3600 s',
    'true closed: nothing is allowed until a broker is heard (broker-unreachable)',
    'true heard again after 3605 s',
    'true received',
  ])
})

test('a refusal is on record as the end of all, and not as silence', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  const news: string[] = []
  one.onNews(({ detail }) => news.push(detail))
  broker.say(`${writeRevocation('pod-refused')}\n`)
  await soon(() => expect(news).toEqual(['closed: nothing is allowed until a broker is heard (broker-refused)']))
})

test('the same failure is logged once a minute, however often it happens', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  broker.answer(refuse(500, 'x'))
  broker.cut()
  const logged = () => said.filter((each) => each.includes('HTTP 500')).length
  await soon(() => expect(logged()).toBe(1))
  const before = broker.seen.length
  await soon(() => expect(broker.seen.length).toBeGreaterThan(before + 5))
  expect(logged()).toBe(1)
  now += 60_000
  await soon(() => expect(logged()).toBe(2))
  expect(JSON.parse(said.findLast((each) => each.includes('HTTP 500')) ?? '')).toMatchObject({
    level: 'warn',
    policyCountsSeconds: 3540,
  })
})

test('heartbeats keep a slice young, but not one from before a refusal', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  now += HOUR_MS
  expect(codeOf(one)).toBe('not-ready')
  broker.say('\n')
  await becomes(one, 'slice of quant-research')
  broker.answer(refuse(403, { reason: 'pod-gone', message: 'x' }))
  broker.cut()
  await becomes(one, 'broker-refused')
  const before = broker.seen.length
  broker.answer(stream(''))
  await soon(() => expect(broker.seen.length).toBeGreaterThan(before))
  broker.say('\n\n')
  expect(codeOf(one)).toBe('broker-refused')
})

test('a 403 counts at once: nothing is allowed, and streams are told', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  const heard: KeptSlice[] = []
  one.onChange((slice) => heard.push(slice))
  broker.answer(refuse(403, { reason: 'pod-refused', message: 'secret-of-the-broker' }))
  broker.cut()
  await becomes(one, 'broker-refused')
  expect(heard.map(says)).toEqual([CLOSED])
  expect(one.status().lastError?.message).toBe(
    'the broker does not serve this pod (pod-refused: the pod of the token would not be admitted today)',
  )
  expect(said.join()).not.toContain('secret-of-the-broker')
})

test('a slice in shadow is logged each time it comes; once nobody stands behind it, it refuses like any other', async () => {
  const inShadow = writeSlice({ ...SLICE, mode: 'shadow' })
  broker.answer(stream(inShadow))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  expect(one.status().isShadow).toBe(true)
  broker.say(`${inShadow}\n`)
  const warnings = () => said.filter((each) => each.includes('in shadow as a whole'))
  await soon(() => expect(warnings()).toHaveLength(2))
  const heard: KeptSlice[] = []
  one.onChange((slice) => heard.push(slice))
  broker.answer((response) => response.destroy())
  now += HOUR_MS
  broker.cut()
  await soon(() => expect(heard.map(says)).toEqual([CLOSED]))
  expect([codeOf(one), one.status().isShadow]).toEqual(['not-ready', false])
})

test('a 401 is a token that grew old: it is read anew, and the slice stands meanwhile', async () => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  broker.answer(refuse(401, { reason: 'bad-token', message: '' }))
  broker.cut()
  await soon(() => expect(one.status().state).toBe('stale'))
  expect(codeOf(one)).toBe('slice of quant-research')
  writeFileSync(join(folder, 'token'), `${TOKEN}-2\n`)
  broker.answer(stream(line))
  await soon(() => expect(broker.seen.at(-1)?.authorization).toBe(`Bearer ${TOKEN}-2`))
})

test.each([
  [
    'another identity',
    writeSlice({ ...SLICE, identity: 'climate-models' }),
    'the broker sent the slice of `climate-models`',
  ],
  ['half a slice', `${line.slice(0, 50)}`, 'the slice is not JSON'],
  [
    'an action of a later version',
    line.replace('"stat"', '"teleport"'),
    'has an action that this version does not know',
  ],
])('a slice of %s is refused, and the last good one stands', async (_, bad, message) => {
  broker.answer(stream(line))
  const one = connect()
  await becomes(one, 'slice of quant-research')
  broker.answer((response) => response.writeHead(200).flushHeaders())
  broker.say(`${bad}\n`)
  await soon(() => expect(said.join('\n')).toContain(message))
  expect([one.get().bundle, says(one.get())]).toEqual([SLICE.bundle, OPEN])
  expect(one.status().state).toBe('stale')
})

test('a broker that says nothing any more is given up for another connection', async () => {
  broker.answer(stream(line))
  connect({ limits: { ...QUICK, silenceMs: 60 } })
  await soon(() => expect(broker.seen.length).toBeGreaterThan(2))
  expect(said.join('\n')).toContain('the broker has gone silent')
})

test('a broker of another authority is not believed, and hears no token', async () => {
  broker.answer(stream(line))
  const { certificatePem } = await makeAuthority()
  const one = connect({ ca: certificatePem })
  await soon(() => expect(said.join('\n')).toContain('its certificate is not accepted'))
  expect(codeOf(one)).toBe('not-ready')
  expect(broker.seen).toEqual([])
})

test('without the service-account token it says which file is missing', async () => {
  connect({ tokenFile: join(folder, 'nowhere') })
  await soon(() => expect(said.join('\n')).toContain('nowhere` cannot be read'))
})

test('the service-account token is in no line of the log, whatever happens', async () => {
  for (const how of [stream(line), refuse(403, {}), refuse(500, 'x'), stream('garbage')]) {
    broker.answer(how)
    broker.cut()
    if (client === undefined || broker.seen.length === 0) connect()
    const before = broker.seen.length
    await soon(() => expect(broker.seen.length).toBeGreaterThan(before))
  }
  expect(said.length).toBeGreaterThan(3)
  expect(said.join('\n')).not.toContain(TOKEN)
})
