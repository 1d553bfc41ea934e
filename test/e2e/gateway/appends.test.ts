/** Appends that stop in the middle: what was there stays, what was appended is as long as record and HDFS say, and the next append works. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { REVOKED, SLICE } from '../../sidecar/gateway/story.ts'
import { asAdmin } from './as-admin.ts'
import { dataNodesInUse } from './data-nodes-in-use.ts'
import { CHUNKED, chunk, type Sender, sendHead } from './sender.ts'
import { type Standing, standHere } from './standing.ts'

const FOLDER = '/team/quant/e2e-appends'
const SOON = { timeout: 40_000 }
/** The smallest block that HDFS allows: the length that it reports grows as blocks are filled, also of a file that is open. */
const BLOCK = 1 << 20
const BEFORE = Buffer.alloc(BLOCK, 'before ')
const MORE = Buffer.alloc(3 * BLOCK, 'appended ')
const LENGTH = `Content-Length: ${2 * MORE.length}`

let standing: Standing
beforeAll(async () => {
  standing = await standHere(SLICE, { failoverMs: 60_000 })
})
const senders: Sender[] = []
afterEach(() => {
  for (const { socket } of senders.splice(0)) socket.destroy()
})
afterAll(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  await standing.stop()
})

async function bytesOf(name: string): Promise<number> {
  const { body } = await standing.direct('GET', `${FOLDER}/${name}?op=GETFILESTATUS`)
  return JSON.parse(body.toString()).FileStatus.length
}

/** Makes a file, and appends the first half of a body to it. */
async function beginAppend(name: string, header = CHUNKED): Promise<Sender> {
  const made = await standing.direct('PUT', `${FOLDER}/${name}?op=CREATE&overwrite=true&blocksize=${BLOCK}`, BEFORE)
  expect(made.status).toBe(201)
  const sender = sendHead(standing.gateway.port, `POST /webhdfs/v1${FOLDER}/${name}?op=APPEND&step=2`, header)
  senders.push(sender)
  sender.socket.write(header === CHUNKED ? chunk(MORE) : MORE)
  await expect.poll(() => bytesOf(name), SOON).toBeGreaterThan(BEFORE.length)
  return sender
}

const append = async (name: string, body: string) => {
  const response = await fetch(`${standing.base}${FOLDER}/${name}?op=APPEND&step=2`, { method: 'POST', body })
  return { status: response.status, text: await response.text() }
}

/** What the last record says was appended; only once there is one that says what a test expects. */
async function appended(line: RegExp): Promise<number> {
  await expect.poll(() => standing.audit.lines.at(-1), SOON).toMatch(line)
  return Number(/wrote (\d+)/.exec(standing.audit.lines.at(-1) ?? '')?.[1])
}

/**
 * The file holds what was there, so many bytes of what was to follow, and then what is appended now. A record may be written
 * before the DataNode has closed the file, and until then HDFS refuses an append, which costs neither.
 */
async function goesOn(name: string, bytes: number) {
  await expect.poll(() => append(name, 'next'), SOON).toEqual({ status: 200, text: '' })
  // HDFS still sends readers to a DataNode that is gone, until it has missed it. What is read counts as it is.
  const { body } = await vi.waitFor(() => standing.direct('GET', `${FOLDER}/${name}?op=OPEN`), SOON)
  const expected = Buffer.concat([BEFORE, MORE.subarray(0, bytes), Buffer.from('next')])
  expect(body.equals(expected)).toBe(true)
}

describe('the next append finds all that was appended, and the file closed,', () => {
  test.each([
    ['chunks', CHUNKED],
    ['a Content-Length', LENGTH],
  ])('when a client resets the connection: %s', async (what, header) => {
    const name = `reset-${what.length}`
    const { socket } = await beginAppend(name, header)
    socket.resetAndDestroy()
    await goesOn(name, await appended(/^end 0 wrote \d+ cut left$/))
  })

  test('when a client ends its side, and goes on to listen', async () => {
    const { socket, heard } = await beginAppend('half')
    socket.end()
    await goesOn('half', await appended(/^end \d+ wrote \d+ cut left$/))
    expect(heard()).not.toMatch(/^HTTP\/1.1 2/)
  })

  test('when a client says nothing more', async () => {
    const patient = standing
    standing = await standHere(SLICE, { idleMs: 8000 })
    try {
      const { heard } = await beginAppend('silent')
      await goesOn('silent', await appended(/^end 0 wrote \d+ cut left$/))
      expect(heard()).toBe('')
    } finally {
      await standing.stop()
      standing = patient
    }
  })

  test('when policy takes the grant away, and says so', async () => {
    const { heard } = await beginAppend('revoked')
    standing.slice.set(REVOKED)
    const bytes = await appended(/^end 403 wrote \d+ cut left$/)
    standing.slice.set(SLICE)
    // The record is on disk before the client hears.
    await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 403 .*may not append/s)
    await goesOn('revoked', bytes)
  })
})

test('a second append while one is under way is refused by HDFS, and costs neither', async () => {
  const { socket, heard } = await beginAppend('twice')
  const second = await append('twice', 'second')
  expect([second.status, second.text]).toEqual([403, expect.stringContaining('AlreadyBeingCreatedException')])
  socket.write('0\r\n\r\n')
  await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 200 /)
  await goesOn('twice', await appended(/^end 200 wrote \d+ complete$/))
})

test('a DataNode that dies leaves the file open: once HDFS takes it back, it holds a beginning of what was appended', async () => {
  const { socket, heard } = await beginAppend('died')
  const [dataNode = 'none'] = dataNodesInUse()
  await standing.lab.stop(dataNode, 'SIGKILL')
  try {
    socket.write(chunk(MORE))
    await expect.poll(heard, SOON).toMatch(/^HTTP\/1.1 503 /)
    const most = await appended(/^end 503 wrote \d+ cut left$/)
    expect((await append('died', 'too early')).status).toBe(403)
    // An administrator's word for what HDFS does by itself a minute after the one who appended was last heard of.
    const recovered = ['recoverLease', '-path', `${FOLDER}/died`, '-retries', '30']
    await asAdmin(standing.lab, 'hdfs.tools.DebugAdmin', recovered)
    const bytes = (await bytesOf('died')) - BEFORE.length
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(most)
    await goesOn('died', bytes)
  } finally {
    await standing.lab.start(dataNode)
  }
}, 120_000)
