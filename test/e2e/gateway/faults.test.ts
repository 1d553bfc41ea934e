/** The real parts fail: NameNodes change roles and die, a DataNode dies in the middle of a file, a client breaks off. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { REVOKED, SLICE } from '../../sidecar/gateway/story.ts'
import { failOver, forceActive, partnerOf } from './fail-over.ts'
import { type Standing, standHere } from './standing.ts'

const SIZE = 64 * 1024 * 1024
const PATH = '/team/quant/e2e-faults'
/** Every 8 bytes differ, so that a byte lost or doubled anywhere shows. */
const content = Buffer.from(new BigUint64Array(SIZE / 8).map((_, index) => BigInt(index)).buffer)
/** A DataNode that was just started takes its time on a busy machine. */
const SOON = { timeout: 40_000 }
const CONNECT_MS = 1000
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let standing: Standing
beforeAll(async () => {
  // On a busy machine the other NameNode may take longer than an operation would otherwise wait.
  standing = await standHere(SLICE, { failoverMs: 60_000, stalledMs: 5000, connectMs: CONNECT_MS })
  const { status } = await standing.direct('PUT', `${PATH}/large?op=CREATE&overwrite=true`, content)
  expect(status).toBe(201)
})
afterAll(async () => {
  await standing.direct('DELETE', `${PATH}?op=DELETE&recursive=true`)
  await standing.stop()
})

const status = async (name: string) => (await standing.direct('GET', `${PATH}/${name}?op=GETFILESTATUS`)).status
const ended = (line: RegExp) => expect.poll(() => standing.audit.lines.at(-1), SOON).toMatch(line)

/** Begins to read the large file, slowly: the sockets between fill, and the rest waits at the DataNode. */
async function beginRead(range = '', name = 'large'): Promise<IncomingMessage> {
  const path = `/webhdfs/v1${PATH}/${name}?op=OPEN&step=2${range}`
  const request = httpRequest({ host: '127.0.0.1', port: standing.gateway.port, path, agent: false }).end()
  const [response] = await once(request, 'response')
  return response
}
async function rest(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** How many DataNodes the NameNode knows to have it. */
async function replicasOf(name: string): Promise<number> {
  const { body } = await standing.direct('GET', `${PATH}/${name}?op=GETFILEBLOCKLOCATIONS`)
  const { BlockLocation } = JSON.parse(body.toString()).BlockLocations
  return Math.min(...BlockLocation.map(({ hosts }: { hosts: string[] }) => hosts.length))
}

/** Which DataNodes this process has a connection to: /proc/net/tcp has addresses in hex, last byte first. */
function dataNodesInUse(): string[] {
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  const addresses = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote = '', state]) => remote.endsWith(':2689') && state === '01')
  return [...new Set(addresses.map(([, , remote = '']) => `dn${Number.parseInt(remote.slice(0, 2), 16) - 20}`))]
}

describe('NameNodes', () => {
  afterEach(async () => {
    if ((await standing.active()) !== 'nn1') await failOver(standing.lab, 'nn2', 'nn1')
  })

  test('change roles while files are read: every read is whole', async () => {
    const expected = (await standing.direct('GET', '/data/market/stocks.csv?op=OPEN')).body
    const wrong: unknown[] = []
    let reads = 0
    let isOver = false
    const reading = (async () => {
      for (; !isOver || reads === 0; reads++) {
        const response = await fetch(`${standing.base}/data/market/stocks.csv?op=OPEN`)
        const bytes = Buffer.from(await response.arrayBuffer())
        if (!bytes.equals(expected)) wrong.push([response.status, bytes.toString().slice(0, 200)])
      }
    })()
    const before = await standing.active()
    await failOver(standing.lab, before, partnerOf(before)).finally(() => {
      isOver = true
    })
    await reading
    expect(wrong).toEqual([])
    expect(await standing.active()).toBe(partnerOf(before))
    expect(reads).toBeGreaterThan(1)
  })

  test('die while a file is read: it is whole, and the next operation waits for the other to be active', async () => {
    const response = await beginRead()
    const dead = await standing.active()
    await standing.lab.stop(dead, 'SIGKILL')
    const next = fetch(`${standing.base}/data/market?op=GETFILESTATUS`)
    await forceActive(standing.lab, partnerOf(dead)).finally(() => standing.lab.start(dead))
    expect((await next).status).toBe(200)
    expect(sha256(await rest(response))).toBe(sha256(content))
  })
})

// The gateway itself may wait for a minute, when HDFS has yet to hear which DataNodes are left.
describe('a DataNode', { timeout: 180_000 }, () => {
  const killed: string[] = []
  beforeEach(async () => {
    // A connection that an earlier test left would name the wrong one.
    await expect.poll(() => dataNodesInUse(), SOON).toEqual([])
    await expect.poll(() => replicasOf('large'), SOON).toBe(2)
  })
  afterEach(async () => {
    for (const name of killed.splice(0)) await standing.lab.start(name)
  })

  // Before the others: one that was just started may itself read from the one that hangs.
  test('hangs while a file is read: another goes on where it stopped', async () => {
    const response = await beginRead()
    const [name = 'none'] = dataNodesInUse()
    await standing.lab.freeze(name)
    const read = rest(response).finally(() => standing.lab.thaw(name))
    expect(sha256(await read)).toBe(sha256(content))
    await ended(new RegExp(`^end 200 read ${SIZE} resumed \\d+$`))
  })

  test('is waited for when all of them are slow: none of them refused', async () => {
    const names = ['dn1', 'dn2']
    for (const name of names) await standing.lab.freeze(name)
    const read = fetch(`${standing.base}/data/market/stocks.csv?op=OPEN`)
    const tried = new Set<string>()
    try {
      await expect.poll(() => dataNodesInUse().reduce((all, each) => all.add(each), tried).size, SOON).toBe(2)
      // The second one is given up, too.
      await wait(2 * CONNECT_MS)
    } finally {
      for (const name of names) await standing.lab.thaw(name)
    }
    const { body } = await standing.direct('GET', '/data/market/stocks.csv?op=OPEN')
    const response = await read
    expect([response.status, await response.text()]).toEqual([200, body.toString()])
  })

  test('dies while a file is read: another goes on where it stopped, and the client does not notice', async () => {
    const response = await beginRead()
    const [name = 'none'] = dataNodesInUse()
    await standing.lab.stop(name, 'SIGKILL')
    killed.push(name)
    expect(sha256(await rest(response))).toBe(sha256(content))
    await ended(new RegExp(`^end 200 read ${SIZE} resumed \\d+$`))
    // The NameNode still takes the dead one for alive, and names it: the next read must find the other by itself.
    for (let times = 0; times < 4; times++) {
      const again = await fetch(`${standing.base}/data/market/stocks.csv?op=OPEN`)
      expect(again.status).toBe(200)
      await again.arrayBuffer()
    }
  })

  test('dies while a range is read: the range is whole, and no byte more', async () => {
    const [from, length] = [12_345, SIZE / 2 + 1]
    const response = await beginRead(`&offset=${from}&length=${length}`)
    const [name = 'none'] = dataNodesInUse()
    await standing.lab.stop(name, 'SIGKILL')
    killed.push(name)
    expect(sha256(await rest(response))).toBe(sha256(content.subarray(from, from + length)))
    await ended(new RegExp(`^end 200 read ${length} resumed \\d+$`))
  })

  test('dies while a file is read that is written anew meanwhile: the two are not mixed', async () => {
    const other = Buffer.from(content).fill('x', SIZE / 2)
    await standing.direct('PUT', `${PATH}/twice?op=CREATE&overwrite=true`, content)
    const response = await beginRead('', 'twice')
    const [name = 'none'] = dataNodesInUse()
    await standing.direct('PUT', `${PATH}/twice?op=CREATE&overwrite=true`, other)
    await standing.lab.stop(name, 'SIGKILL')
    killed.push(name)
    await expect(rest(response)).rejects.toThrow('aborted')
    await ended(/^end 200 read \d+ cut$/)
  })

  test('dies while a file is written: no short file is left', async () => {
    const { request, answer } = beginWrite('died')
    request.write(content.subarray(0, 8 << 20))
    // Until the file is there, it may be one that is asked first and refuses, since it has just begun.
    await expect.poll(() => status('died'), SOON).toBe(200)
    await expect.poll(() => dataNodesInUse(), SOON).toHaveLength(1)
    const [name = 'none'] = dataNodesInUse()
    await standing.lab.stop(name, 'SIGKILL')
    killed.push(name)
    expect((await answer).statusCode).toBe(503)
    await ended(/^end 503 wrote \d+ cut removed$/)
    expect(await status('died')).toBe(404)
  })
})

const begun: ClientRequest[] = []
afterEach(() => {
  for (const request of begun.splice(0)) request.destroy()
})

function beginWrite(name: string): { request: ClientRequest; answer: Promise<IncomingMessage> } {
  const path = `/webhdfs/v1${PATH}/${name}?op=CREATE&step=2`
  const request = httpRequest({ host: '127.0.0.1', port: standing.gateway.port, method: 'PUT', path, agent: false })
  request.on('error', () => {})
  begun.push(request)
  request.flushHeaders()
  const answer = once(request, 'response').then(([response]) => response)
  answer.catch(() => {})
  return { request, answer }
}

describe('an upload that stops short leaves no file', () => {
  test('when the client breaks off', async () => {
    const { request } = beginWrite('broken')
    request.write(content.subarray(0, 8 << 20))
    await expect.poll(() => status('broken'), SOON).toBe(200)
    request.destroy()
    await ended(/^end 0 wrote \d+ cut removed$/)
    expect(await status('broken')).toBe(404)
  })

  test('when the client breaks off at once', async () => {
    const { request } = beginWrite('at-once')
    await wait(5)
    request.destroy()
    await expect.poll(() => standing.gateway.counters().activeStreams, SOON).toBe(0)
    expect(await status('at-once')).toBe(404)
  })

  test('when policy takes the grant away, and says so', async () => {
    const { request, answer } = beginWrite('revoked')
    request.write(content.subarray(0, 8 << 20))
    await expect.poll(() => status('revoked'), SOON).toBe(200)
    const before = standing.slice.sent
    standing.slice.set({ ...REVOKED, cluster: before.cluster })
    const response = await answer
    standing.slice.set(before)
    expect(response.statusCode).toBe(403)
    expect((await rest(response)).toString()).toContain('may not create')
    expect(await status('revoked')).toBe(404)
  })

  test('but never costs the file that was there', async () => {
    await standing.direct('PUT', `${PATH}/there?op=CREATE`, Buffer.from('precious'))
    const { request } = beginWrite('there')
    request.write('worthless')
    await wait(300)
    request.destroy()
    await expect.poll(() => standing.gateway.counters().activeStreams, SOON).toBe(0)
    expect((await standing.direct('GET', `${PATH}/there?op=OPEN`)).body.toString()).toBe('precious')
  })
})

test('a read is cut when policy takes the grant away', async () => {
  const response = await beginRead()
  const before = standing.slice.sent
  standing.slice.set({ ...REVOKED, cluster: before.cluster })
  await expect(rest(response)).rejects.toThrow('aborted')
  standing.slice.set(before)
})
