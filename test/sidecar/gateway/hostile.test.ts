/** A client that means harm, to a gateway in a process of its own: it answers or closes, stays small, and serves others meanwhile. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type GatewayApart, startGatewayApart } from '../../fuzz/gateway-apart.ts'
import { type FakeHdfs, startFakeHdfs } from './fake-hdfs.ts'
import { ask, sendRaw } from './set-up.ts'
import { SLICE } from './story.ts'

const MIB = 1024 * 1024
const MOST_BYTES = 150 * MIB
const READ = '/webhdfs/v1/data/market/x?op=GETFILESTATUS'

let hdfs: FakeHdfs
let gateway: GatewayApart
const sockets: Socket[] = []

beforeAll(async () => {
  hdfs = await startFakeHdfs()
  const cluster = { ...SLICE.cluster, nameNodes: [hdfs.nn1.origin, hdfs.nn2.origin], dataNodeHosts: ['localhost'] }
  const slice = { ...SLICE, cluster }
  gateway = await startGatewayApart({ slice, delegationToken: 'TOKEN-THAT-NOBODY-SEES', caPem: hdfs.caPem })
})
afterAll(async () => {
  await gateway.stop()
  await hdfs.stop()
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  hdfs.nn1.seen.length = 0
})

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, `Host: localhost:${gateway.port}`, ...headers].join('\r\n')
const MKDIRS = 'PUT /webhdfs/v1/team/quant/a?op=MKDIRS'
/** Would be allowed, if it were a request. */
const hidden = () => `${head('DELETE /webhdfs/v1/team/quant/hidden?op=DELETE')}\r\n\r\n`
const isServed = async () => (await ask({ gateway }, 'GET', READ)).status
const rss = async () => (await gateway.report()).memory.rss

async function open(bytes = ''): Promise<Socket> {
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => {})
  sockets.push(socket)
  await once(socket, 'connect')
  if (bytes !== '') socket.write(Buffer.from(bytes, 'latin1'))
  return socket
}

test.each([
  ['two lengths', ['Content-Length: 0', 'Content-Length: 99']],
  ['a list of lengths', ['Content-Length: 0, 99']],
  ['a length with a sign', ['Content-Length: +0']],
  ['a length in hex', ['Content-Length: 0x0']],
  ['a length and chunks', ['Content-Length: 99', 'Transfer-Encoding: chunked']],
  ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 0']],
  ['chunks that are not last', ['Transfer-Encoding: chunked, identity']],
  ['an encoding that nobody knows', ['Transfer-Encoding: xchunked']],
  ['a space before the colon', ['Transfer-Encoding : chunked']],
  ['a folded header', ['X: a', ' Transfer-Encoding: chunked']],
  ['a header that begins with a space', [' Transfer-Encoding: chunked']],
  ['a bare LF', ['X: a\nTransfer-Encoding: chunked']],
  ['a bare CR', ['X: a\rTransfer-Encoding: chunked']],
  ['NUL in a name', ['Transfer-Encoding\0: chunked']],
])('%s: what follows is not taken for a second request, or the head is refused', async (_what, headers) => {
  const answer = await sendRaw({ gateway }, `${head(MKDIRS, ...headers)}\r\n\r\n0\r\n\r\n${hidden()}`)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(hdfs.nn1.questions).toEqual([])
  expect(await isServed()).toBe(200)
})

test.each([
  ['a chunk size that overflows', 'fffffffffffffffff\r\nx'],
  ['a chunk size that is none', 'x\r\nhello\r\n0\r\n\r\n'],
  ['a chunk that is longer than it says', '1\r\nhello\r\n0\r\n\r\n'],
])('%s: nothing of the body becomes a request', async (_what, body) => {
  const answer = await sendRaw(
    { gateway },
    `${head(MKDIRS, 'Transfer-Encoding: chunked', 'Connection: close')}\r\n\r\n${body}${hidden()}`,
  )
  expect(answer.match(/HTTP\/1\.1 [23]/g) ?? []).toHaveLength(answer.startsWith('HTTP/1.1 200') ? 1 : 0)
  expect(hdfs.nn1.questions.filter((question) => question.includes('hidden'))).toEqual([])
})

test('10,000 idle connections: each is taken, the oldest make room, and a client is served all the while', async () => {
  const served: number[] = []
  for (let count = 0; count < 10_000; count += 500) {
    await Promise.all(Array.from({ length: 500 }, () => open()))
    served.push(await isServed())
  }
  expect(served).toEqual(served.map(() => 200))
  expect(await rss()).toBeLessThan(MOST_BYTES)
  await expect.poll(() => sockets.filter((socket) => !socket.destroyed).length).toBeLessThan(2000)
}, 60_000)

test('heads that never end, and bodies that never come, keep nobody out', async () => {
  const halves = Array.from({ length: 1500 }, () => open(`${head(MKDIRS)}\r\nX-Slow: `))
  const bodies = Array.from({ length: 300 }, () =>
    open(`${head('PUT /webhdfs/v1/data/market/x?op=CREATE&step=2', 'Content-Length: 1000000')}\r\n\r\nx`),
  )
  for (const socket of await Promise.all([...halves, ...bodies])) socket.write('x')
  expect(await isServed()).toBe(200)
  expect(await rss()).toBeLessThan(MOST_BYTES)
})

test('requests of one connection are answered in their order, one at a time', async () => {
  const first = `${head('PUT /webhdfs/v1/team/quant/a?op=MKDIRS')}\r\n\r\n`
  const last = `${head('DELETE /webhdfs/v1/team/quant/a?op=DELETE', 'Connection: close')}\r\n\r\n`
  await sendRaw({ gateway }, `${first.repeat(8)}${last}`)
  expect(hdfs.nn1.seen.map(({ method }) => method).join(' ')).toBe(`${'PUT '.repeat(8)}DELETE`)
})

test('thousands of requests at once, whose answers nobody reads, stand in nobody’s way', async () => {
  const requests = `${head(`GET ${READ}`)}\r\n\r\n`.repeat(5000)
  for (let count = 0; count < 8; count += 1) (await open(requests)).pause()
  expect(await isServed()).toBe(200)
  expect(await rss()).toBeLessThan(MOST_BYTES)
  expect(hdfs.nn1.seen.length).toBeLessThan(1000)
})

test('a head as large as can be is answered, a larger one refused', async () => {
  const large = (bytes: number) => `${head(`GET ${READ}`, `X: ${'x'.repeat(bytes)}`, 'Connection: close')}\r\n\r\n`
  expect(await sendRaw({ gateway }, large(60_000))).toMatch(/^HTTP\/1\.1 200 /)
  expect(await sendRaw({ gateway }, large(70_000))).toMatch(/^HTTP\/1\.1 431 /)
})
