/** A read is cut where it must be, never quietly short, and never held in memory. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nameNodeOf } from './fake-hdfs.ts'
import { inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'
import { REVOKED } from './story.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const open = () => inTwoSteps(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN')
const ended = (line: string) => expect.poll(() => setup.audit.lines.at(-1)).toBe(line)

/** Begins step two of a read, and gives the response when its head is there. */
async function beginRead(): Promise<IncomingMessage> {
  const path = '/webhdfs/v1/data/market/x?op=OPEN&step=2'
  const request = httpRequest({ host: '127.0.0.1', port: setup.gateway.port, path, agent: false }).end()
  const [response] = await once(request, 'response')
  return response
}
const rest = async (response: IncomingMessage) => {
  let bytes = 0
  for await (const chunk of response) bytes += chunk.length
  return bytes
}

describe('a read', () => {
  test('whose DataNode dies on the way is cut, so that no client takes it for whole', async () => {
    let breakOff = (): void => {}
    setup.hdfs.dn.handle = (request, response) => {
      // No other one goes on.
      if (setup.hdfs.dn.seen.length > 1) return void request.socket.destroy()
      breakOff = () => request.socket.destroy()
      response.writeHead(200, { 'content-length': '1000000' }).write('x'.repeat(1000))
    }
    const response = await beginRead()
    await expect.poll(() => setup.gateway.counters().activeStreams).toBe(1)
    await once(response, 'readable')
    breakOff()
    await expect(rest(response)).rejects.toThrow('aborted')
    await ended('end 200 read 1000 cut')
  })

  test('of unknown length is refused: its end could not be told from a break', async () => {
    setup.hdfs.dn.handle = (_request, response) => {
      response.useChunkedEncodingByDefault = false
      response.removeHeader('transfer-encoding')
      response.writeHead(200, { connection: 'close' })
      response.end('bytes')
    }
    expect((await open()).status).toBe(500)
  })

  test('goes to another DataNode when the first does not answer, by its address', async () => {
    const healthy = nameNodeOf(() => setup.hdfs.dn.origin)
    const dead = nameNodeOf(() => 'https://localhost:1')
    setup.hdfs.nn1.handle = (request, response, seen) =>
      (seen.url.includes('excludedatanodes') ? healthy : dead)(request, response, seen)
    expect(await open()).toMatchObject({ status: 200, body: 'bytes' })
    expect(decodeURIComponent(setup.hdfs.nn1.questions.at(-1) ?? '')).toMatch(/excludedatanodes=(::1|127\.0\.0\.1)/)
  })

  test('is given up when no DataNode answers', async () => {
    setup.hdfs.nn1.handle = nameNodeOf(() => 'https://localhost:1')
    const answer = await open()
    expect([answer.status, messageOf(answer)]).toEqual([503, 'the DataNode does not answer (datanode-unreachable)'])
    expect(setup.hdfs.nn1.seen.length).toBeLessThanOrEqual(4)
  })

  test('holds no more than sockets hold when the client does not take it', async () => {
    const chunk = Buffer.alloc(1 << 20)
    let sent = 0
    setup.hdfs.dn.handle = (_request, response) => {
      response.writeHead(200, { 'content-length': String(chunk.length * 64) })
      const more = () => {
        while (sent < 64) {
          sent += 1
          if (!response.write(chunk)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    }
    const response = await beginRead()
    await expect.poll(() => sent).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sent).toBeLessThan(40)
    expect(await rest(response)).toBe(chunk.length * 64)
    await ended(`end 200 read ${chunk.length * 64}`)
  })

  test('that the client breaks off is broken off at the DataNode too', async () => {
    let isClosed = false
    setup.hdfs.dn.handle = (request, response) => {
      response.writeHead(200, { 'content-length': '1000000' }).write('x')
      request.socket.once('close', () => {
        isClosed = true
      })
    }
    ;(await beginRead()).destroy()
    await expect.poll(() => isClosed).toBe(true)
    await ended('end 200 read 1 cut')
    expect(setup.gateway.counters()).toMatchObject({ activeStreams: 0, cutStreams: 1 })
  })

  test('that the client gives up before its first byte is given up at the DataNode', async () => {
    let isClosed = false
    setup.hdfs.dn.handle = (request) => {
      request.socket.once('close', () => {
        isClosed = true
      })
    }
    const path = '/webhdfs/v1/data/market/x?op=OPEN&step=2'
    const request = httpRequest({ host: '127.0.0.1', port: setup.gateway.port, path, agent: false }).end()
    request.on('error', () => {})
    await expect.poll(() => setup.hdfs.dn.seen.length).toBe(1)
    request.destroy()
    await expect.poll(() => isClosed).toBe(true)
    await ended('end 0')
  })

  test.each([
    ['policy takes the grant away', 'no-dataset', () => setup.slice.set(setup.inPlace(REVOKED))],
    ['the slice is gone', 'no-policy', () => setup.slice.set(undefined)],
  ])('is cut when %s, and the reason recorded', async (_what, reason, change) => {
    await setup.stop()
    setup = await setUp({ recheckMs: 20 })
    setup.hdfs.dn.handle = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000000' }).write('x')
    }
    const response = await beginRead()
    change()
    await expect(rest(response)).rejects.toThrow('aborted')
    await ended('end 200 read 1 cut')
    expect(setup.audit.entries.at(-1)).toMatchObject({ kind: 'end', end: { cut: true, reason } })
  })

  test('goes on when policy changes elsewhere', async () => {
    setup.hdfs.dn.handle = (_request, response) => {
      response.writeHead(200, { 'content-length': '2' }).write('x')
      setTimeout(() => response.end('y'), 50)
    }
    const response = await beginRead()
    setup.slice.set({ ...setup.slice.sent, bundle: 'sha256:new' })
    expect(await rest(response)).toBe(2)
  })
})
