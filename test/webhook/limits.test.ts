/** Callers that take their time: each is sent away for itself, and nobody else waits. Limits are shortened, and the rest is the server as it runs. */

import { connect as connectPlain } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../../webhook/server.ts'
import { POD } from '../core/identity/world.ts'
import { responseOf, review, startWebhook, type Webhook } from './in-process.ts'

const SHORT = { headersMs: 1000, requestMs: 2000, handshakeMs: 1000, idleMs: 60_000 }
let webhook: Webhook
beforeAll(async () => {
  webhook = await startWebhook(SHORT)
})
afterAll(() => webhook.stop())

type Slow = { readonly socket: TLSSocket; readonly ended: Promise<string> }

/** A connection that sends this, one byte each tenth of a second, until it is ended. Resolves with what it was told. */
function dribble(text: string): Slow {
  const socket = connect({ host: '127.0.0.1', port: webhook.port, servername: 'localhost', ca: webhook.ca })
  let heard = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (heard += piece))
  socket.on('error', () => {})
  const sending = setInterval(() => {
    const [next] = text
    if (next === undefined || socket.destroyed) return
    text = text.slice(1)
    socket.write(next)
  }, 100)
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      clearInterval(sending)
      resolve(heard)
    })
  })
  return { socket, ended }
}

test('sockets that dribble headers or a body, or say nothing, are ended, while others are served', async () => {
  const headers = 'POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX: '
  const slow = [
    ...Array.from({ length: 20 }, () => dribble(headers.padEnd(4000, 'x'))),
    ...Array.from({ length: 20 }, () => dribble('')),
  ]
  const whole = dribble('')
  whole.socket.write(
    `POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"`,
  )
  let served = 0
  let isOver = false
  const others = (async () => {
    while (!isOver) {
      expect(responseOf(await webhook.call('POST', '/mutate', review(POD)))).toMatchObject({ allowed: true })
      served += 1
      await wait(20)
    }
  })()
  const answers = await Promise.all([...slow, whole].map(({ ended }) => ended))
  isOver = true
  await others
  expect(answers.every((answer) => answer === '' || answer.startsWith('HTTP/1.1 408'))).toBe(true)
  expect(served).toBeGreaterThan(10)
}, 60_000)

/** What is answered to these bytes, of which some may be missing. */
const told = (head: string, body = ''): Promise<string> => {
  const { socket, ended } = dribble('')
  socket.write(`POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${head}\r\n\r\n${body}`)
  return ended
}

test('who announces more than anybody needs is refused before it comes, and who announces nothing when it is there', async () => {
  expect(await told(`Content-Length: ${LIMITS.bodyBytes + 1}`, '{')).toMatch(/^HTTP\/1.1 413 .*larger than 7 MiB/s)
  const piece = `100000\r\n${'x'.repeat(1 << 20)}\r\n`
  const logged = webhook.takeLog()
  // Whoever still sends may be cut off before he reads it.
  expect(await told('Transfer-Encoding: chunked', piece.repeat(8))).toMatch(/^(HTTP\/1.1 413 |$)/)
  expect((logged + webhook.takeLog()).match(/"reason":"too-large"/g)).toHaveLength(2)
}, 60_000)

test('a connection that does not finish its handshake is ended', async () => {
  const socket = connectPlain(webhook.port, '127.0.0.1')
  socket.on('error', () => {})
  await new Promise((resolve) => socket.on('close', resolve))
  expect(socket.destroyed).toBe(true)
}, 60_000)

test('headers that are larger than anybody needs are refused', async () => {
  const answer = await webhook
    .call('GET', '/healthz', undefined, { x: 'y'.repeat(20_000) })
    .catch((error: Error) => error)
  if (!(answer instanceof Error)) expect(answer.status).toBe(431)
  webhook.hangUp()
  expect((await webhook.call('GET', '/healthz')).status).toBe(200)
})

test('a kept connection may be idle for longer than a request may take, and is used again', async () => {
  webhook.hangUp()
  const sockets: (string | undefined)[] = []
  webhook.server.on('secureConnection', (socket: TLSSocket) => sockets.push(socket.remoteAddress))
  await webhook.call('GET', '/healthz')
  await wait(SHORT.requestMs + 1500)
  expect(responseOf(await webhook.call('POST', '/mutate', review(POD)))).toMatchObject({ allowed: true })
  expect(sockets).toHaveLength(1)
}, 60_000)

test('the API server closes an idle connection before we do, and each wait has an end', () => {
  expect(LIMITS.idleMs).toBeGreaterThan(90_000)
  const { server } = webhook
  expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([1000, 2000, 60_000])
})
