/** A file of more than 4 GiB: written, read whole across a DataNode's restart, and in ranges, byte for byte, and without being held. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Apart, MOST_MIB, startApart } from './apart.ts'
import { contentOf, isContentAt } from './large-content.ts'
import { type Standing, standHere } from './standing.ts'

const FILE = '/team/quant/e2e-large-file'
const MIB = 1 << 20
const GIB = 1 << 30
/** What is left behind 4 GiB is more than sockets hold, and the end is no whole MiB. */
const BYTES = 4 * GIB + 128 * MIB + 12_345

let standing: Standing
let apart: Apart
beforeAll(async () => {
  standing = await standHere()
  apart = await startApart(SLICE, { failoverMs: 60_000 })
})
afterAll(async () => {
  await standing.direct('DELETE', `${FILE}?op=DELETE`)
  await apart.stop()
  await standing.stop()
})

const begin = (method: string, query: string) => httpRequest(`${apart.base}${FILE}?${query}`, { method, agent: false })
const answerTo = async (request: ReturnType<typeof begin>): Promise<IncomingMessage> => {
  const [answer] = await once(request, 'response')
  return answer
}
const ended = (line: string) =>
  expect.poll(async () => (await apart.auditLines()).at(-1), { timeout: 40_000 }).toBe(line)

test('is written in chunks', async () => {
  const request = begin('PUT', 'op=CREATE&step=2&overwrite=true&replication=1')
  const answering = answerTo(request)
  await pipeline(Readable.from(contentOf(BYTES)), request)
  expect((await answering).statusCode).toBe(201)
  await ended(`end 201 wrote ${BYTES} complete`)
  const { body } = await standing.direct('GET', `${FILE}?op=GETFILESTATUS`)
  expect(JSON.parse(body.toString()).FileStatus.length).toBe(BYTES)
}, 400_000)

test('is read whole, though behind 4 GiB its only DataNode is started anew', async () => {
  const answer = await answerTo(begin('GET', 'op=OPEN&step=2').end())
  expect(answer.headers['content-length']).toBe(String(BYTES))
  let at = 0
  let isRestarted = false
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (!isContentAt(at, chunk)) expect.fail(`other bytes from ${at} on`)
    at += chunk.length
    if (isRestarted || at < 4 * GIB) continue
    isRestarted = true
    const name = await holder()
    await standing.lab.stop(name, 'SIGKILL')
    await standing.lab.start(name)
  }
  expect(at).toBe(BYTES)
  await ended(`end 200 read ${BYTES} resumed 1`)
}, 400_000)

async function holder(): Promise<string> {
  const { body } = await standing.direct('GET', `${FILE}?op=GETFILEBLOCKLOCATIONS&offset=0&length=1`)
  return JSON.parse(body.toString()).BlockLocations.BlockLocation[0].hosts[0].replace(/\.lab$/, '')
}

test.each([
  ['2 GiB', 2 * GIB - 5, 11],
  ['4 GiB', 4 * GIB - 5, 11],
  ['4 GiB, some of either side', 4 * GIB - MIB, 2 * MIB],
  ['nothing: all behind 4 GiB', 4 * GIB + 7, 3],
])('is read in a range across %s', async (_what, offset, length) => {
  const answer = await fetch(`${apart.base}${FILE}?op=OPEN&offset=${offset}&length=${length}`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([answer.status, bytes.length, isContentAt(offset, bytes)]).toEqual([200, length, true])
})

test('is read from behind 4 GiB to its end', async () => {
  const offset = BYTES - 3 * MIB
  const answer = await fetch(`${apart.base}${FILE}?op=OPEN&offset=${offset}`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([bytes.length, isContentAt(offset, bytes)]).toEqual([3 * MIB, true])
})

test('was never held', () => {
  expect(apart.mostMiB()).toBeGreaterThan(0)
  expect(apart.mostMiB()).toBeLessThan(MOST_MIB)
})
