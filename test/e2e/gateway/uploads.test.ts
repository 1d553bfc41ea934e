/** Uploads that stop in every way in which a client can stop: what stands in HDFS afterwards, and what the record says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { CHUNKED, chunk, type Sender, sendHead } from './sender.ts'
import { type Standing, standHere } from './standing.ts'

const PATH = '/team/quant/e2e-uploads'
const SOON = { timeout: 40_000 }
const PART = Buffer.alloc(1 << 20, 'part')

let standing: Standing
beforeAll(async () => {
  standing = await standHere(SLICE, { failoverMs: 60_000 })
})
const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
})
afterAll(async () => {
  await standing.direct('DELETE', `${PATH}?op=DELETE&recursive=true`)
  await standing.stop()
})

const status = async (name: string) => (await standing.direct('GET', `${PATH}/${name}?op=GETFILESTATUS`)).status
const contentOf = async (name: string) => (await standing.direct('GET', `${PATH}/${name}?op=OPEN`)).body
const ended = (line: RegExp) => expect.poll(() => standing.audit.lines.at(-1), SOON).toMatch(line)
const isThere = (name: string) => expect.poll(() => status(name), SOON).toBe(200)
async function removed(name: string) {
  await ended(/^end \d+ wrote \d+ cut removed$/)
  expect(await status(name)).toBe(404)
}
const host = () => `127.0.0.1:${standing.gateway.port}`
const step2 = (name: string) => `/webhdfs/v1${PATH}/${name}?op=CREATE&step=2`

function send(target: string, ...headers: string[]): Sender {
  const sender = sendHead(standing.gateway.port, `PUT ${target}`, ...headers)
  open.push(sender.socket)
  return sender
}

const LENGTH = `Content-Length: ${4 * PART.length}`
/** Each is a quarter of a body at most. */
const BODIES = [
  ['a Content-Length', LENGTH, PART],
  ['chunks, between two', CHUNKED, chunk(PART)],
  ['chunks, in the middle of one', CHUNKED, chunk(PART).subarray(0, PART.length / 2)],
] as const

describe('a client that stops leaves no file', () => {
  test('when it is killed', async () => {
    const url = `http://${host()}${step2('killed')}`
    const curl = spawn('curl', ['-s', '-T', '-', url], { stdio: ['pipe', 'ignore', 'ignore'] })
    curl.stdin.on('error', () => {})
    curl.stdin.write(PART)
    await isThere('killed')
    curl.kill('SIGKILL')
    await removed('killed')
  })

  test.each(BODIES)('when it resets the connection: %s', async (what, header, bytes) => {
    const name = `reset-${what.length}`
    const { socket } = send(step2(name), header)
    socket.write(bytes)
    await isThere(name)
    socket.resetAndDestroy()
    await removed(name)
  })

  test.each(BODIES)('when it ends its side, and goes on to listen: %s', async (what, header, bytes) => {
    const name = `half-${what.length}`
    const { socket, heard } = send(step2(name), header)
    socket.write(bytes)
    await isThere(name)
    socket.end()
    await once(socket, 'close')
    expect(heard()).not.toMatch(/^HTTP\/1.1 2/)
    await removed(name)
  })

  test.each(BODIES)('when it says nothing more, in the end: %s', async (what, header, bytes) => {
    const name = `silent-${what.length}`
    const patient = standing
    standing = await standHere(SLICE, { idleMs: 8000 })
    try {
      const { socket, heard } = send(step2(name), header)
      socket.write(bytes)
      await isThere(name)
      await removed(name)
      expect(heard()).toBe('')
    } finally {
      await standing.stop()
      standing = patient
    }
  })

  // HDFS gives the old file up at the moment that the new one is created.
  test('nor the file that it began to overwrite, which HDFS itself has given up', async () => {
    await standing.direct('PUT', `${PATH}/over?op=CREATE`, Buffer.from('precious'))
    const { socket } = send(`${step2('over')}&overwrite=true`, CHUNKED)
    socket.write(chunk(PART))
    await expect.poll(async () => (await contentOf('over')).toString(), SOON).not.toBe('precious')
    socket.destroy()
    await removed('over')
  })

  test('but the file that it could not overwrite, as it was', async () => {
    await standing.direct('PUT', `${PATH}/kept?op=CREATE`, Buffer.from('precious'))
    const { socket } = send(step2('kept'), CHUNKED)
    socket.write(chunk(PART).subarray(0, 64))
    socket.end()
    await ended(/^end \d+( wrote \d+)?( cut)?$/)
    expect((await contentOf('kept')).toString()).toBe('precious')
  })
})

describe('a body that is whole', () => {
  test('may be slow', async () => {
    const { socket, heard } = send(step2('slow'), CHUNKED)
    for (const part of ['one ', 'two ', 'three']) {
      socket.write(chunk(Buffer.from(part)))
      await isThere('slow')
    }
    socket.write('0\r\n\r\n')
    await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 201 /)
    await ended(/^end 201 wrote 13 complete$/)
    expect((await contentOf('slow')).toString()).toBe('one two three')
  })

  test.each([
    ['a length of 0', ['Content-Length: 0'], ''],
    ['chunks, and none', [CHUNKED], '0\r\n\r\n'],
    ['neither', [], ''],
  ])('may be empty: %s', async (_what, headers, body) => {
    const name = `empty-${headers.join('').length}`
    const { socket, heard } = send(step2(name), ...headers)
    socket.write(body)
    await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 201 /)
    await ended(/^end 201 complete$/)
    expect(await status(name)).toBe(200)
    expect((await contentOf(name)).length).toBe(0)
  })
})

describe('a client that asks whether to go on', () => {
  const EXPECT = 'Expect: 100-continue'

  test('is told so, and its body is whole', async () => {
    const { socket, heard } = send(step2('asked'), 'Content-Length: 5', EXPECT)
    await expect.poll(heard, SOON).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('hello')
    await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /)
    expect((await contentOf('asked')).toString()).toBe('hello')
  })

  test('and then goes away leaves no file', async () => {
    const { socket, heard } = send(step2('asked-gone'), 'Content-Length: 5', EXPECT)
    await expect.poll(heard, SOON).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.destroy()
    await ended(/^end 0 cut removed$/)
    expect(await status('asked-gone')).toBe(404)
  })

  test('and is refused sends not a byte', async () => {
    const { heard } = send('/webhdfs/v1/data/weather/x?op=CREATE&step=2', 'Content-Length: 5', EXPECT)
    await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 403 /)
    await ended(/^end 403$/)
    expect(heard()).not.toContain('100 Continue')
  })
})

describe('one side that goes ends the other', () => {
  /** Connections of this namespace to HTTPS of DataNodes: /proc/net/tcp has ports in hex; 01 is established. */
  const connections = () =>
    readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , remote = '', state]) => remote.endsWith(':2689') && state === '01').length

  test('a reader that goes away ends the DataNode’s connection, with most of the file unread', async () => {
    const large = Buffer.alloc(64 << 20, 'large')
    await standing.direct('PUT', `${PATH}/large?op=CREATE&overwrite=true`, large)
    await expect.poll(connections, SOON).toBe(0)
    const socket = connect(standing.gateway.port, '127.0.0.1')
    open.push(socket)
    socket.write(`GET /webhdfs/v1${PATH}/large?op=OPEN&step=2 HTTP/1.1\r\nHost: ${host()}\r\n\r\n`)
    await once(socket, 'readable')
    expect(connections()).toBe(1)
    socket.destroy()
    await expect.poll(connections, SOON).toBe(0)
    await ended(/^end 200 read \d+ cut$/)
    expect(standing.gateway.counters().activeStreams).toBe(0)
    const bytesRead = Number(/read (\d+)/.exec(standing.audit.lines.at(-1) ?? '')?.[1])
    expect(bytesRead).toBeLessThan(large.length)
  })
})
