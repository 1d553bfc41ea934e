/** What a broker holds in memory of what pods send has a bound: who finds no room keeps its records, and sends them again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { batchRoom } from '../../src/broker/audit/room.ts'
import { MAX_BATCH_BYTES, writeBatch } from '../../src/core/audit/delivery.ts'
import { chained, start, who } from '../io/audit/logs.ts'
import { type Broker, startBroker } from './in-process.ts'
import { claims, type Issuer, makeIssuer } from './tokens.ts'

it('takes what fits, and no more until some is given back', () => {
  const room = batchRoom({ bytes: 100, ofOnePod: 2 })
  const leave = room.take('a', 60)
  expect(room.take('b', 41)).toBeUndefined()
  expect(room.take('b', 40)).toBeDefined()
  expect(room.take('c', 1)).toBeUndefined()
  leave?.()
  // Given back once, however often that is said.
  leave?.()
  expect(room.take('c', 61)).toBeUndefined()
  expect(room.take('c', 60)).toBeDefined()
})

it('gives no pod room for a third batch, so that one of them does not take it from all', () => {
  const room = batchRoom({ bytes: 100, ofOnePod: 2 })
  const [first, second] = [room.take('a', 1), room.take('a', 1)]
  expect(room.take('a', 1)).toBeUndefined()
  expect(room.take('b', 1)).toBeDefined()
  second?.()
  second?.()
  const third = room.take('a', 1)
  expect(third).toBeDefined()
  expect(room.take('a', 1)).toBeUndefined()
  first?.()
  third?.()
  expect(room.take('a', 1)).toBeDefined()
})

const folder = mkdtempSync(join(tmpdir(), 'kerbside-room-'))
const room = batchRoom({ bytes: 2 * MAX_BATCH_BYTES, ofOnePod: 2 })
let issuer: Issuer
let broker: Broker
beforeAll(async () => {
  issuer = await makeIssuer()
  broker = await startBroker(issuer.keys, {
    audit: { directory: folder, name: 'broker-0', room },
  })
}, 60_000)
afterAll(async () => {
  await broker?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const podOf = (name: string, at: number) => {
  const uid = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
  const bound = { namespace: 'ml-quant', pod: { name, uid }, serviceaccount: { name: 'trainer', uid: 'x' } }
  const { lines } = chained(uid, [{ at: 0, entry: start('1', { who: who({ pod: name }) }) }])
  return { token: () => issuer.sign(claims({ 'kubernetes.io': bound })), body: writeBatch({ acknowledged: 0, lines }) }
}

/** Says that a batch comes, and sends nothing of it. */
async function begin(token: string, length?: number) {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-ndjson',
    ...(length === undefined ? {} : { 'content-length': length }),
  }
  const options = {
    host: '127.0.0.1',
    port: Number(new URL(broker.url).port),
    path: '/v1/audit',
    method: 'POST',
    headers,
  }
  const sending = request({ ...options, ca: broker.ca, agent: new Agent() })
  sending.on('error', () => {})
  sending.flushHeaders()
  return sending
}
const isFull = (): boolean => {
  const leave = room.take('nobody', 1)
  leave?.()
  return leave === undefined
}
const send = async ({ token, body }: ReturnType<typeof podOf>) => broker.deliver(body, await token())
const refused = async () => Number(/batches_total\{outcome="busy"\} (\d+)/.exec(await broker.metrics())?.[1] ?? 0)

it('refuses by name, before a byte is read, what finds no room; it is taken once others are gone', async () => {
  const [one, other, late] = [podOf('one', 1), podOf('other', 2), podOf('late', 3)]
  // One says how much comes; the other does not, and might send as much.
  const open = [await begin(await one.token(), MAX_BATCH_BYTES), await begin(await other.token())]
  onTestFinished(() => {
    for (const sending of open) sending.destroy()
  })
  await expect.poll(isFull).toBe(true)
  const before = await refused()
  expect(await send(late)).toEqual({
    status: 503,
    body: { reason: 'busy', message: 'too many records come in now; keep them and try again' },
    retryAfter: '2',
  })
  expect(await refused()).toBe(before + 1)
  // Who never finishes loses its room with its connection.
  for (const sending of open) sending.destroy()
  await expect.poll(() => send(late), { timeout: 30_000 }).toEqual({ status: 200, body: { next: 1 } })
}, 120_000)

it('gives room back after each batch, whatever became of it', async () => {
  const { token, body } = podOf('often', 4)
  for (let count = 0; count < 5; count++) {
    expect((await broker.deliver(body, await token())).status).toBe(200)
    expect((await broker.deliver(body.slice(0, -9), await token())).status).toBe(422)
    expect((await broker.deliver('x'.repeat(MAX_BATCH_BYTES + 1), await token())).status).toBe(413)
    expect((await broker.deliver(body, await token(), 'text/html')).status).toBe(422)
  }
}, 120_000)
