/** Limits of a dataset against real HDFS: what it makes of what we send, and what is left of what was too much. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Limits } from '../../../src/core/policy/decision/limits.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Standing, standHere } from './standing.ts'

const FILE = '/team/quant/e2e-limits/file'
const MIB = 1_048_576

let standing: Standing
beforeAll(async () => {
  standing = await standHere()
})
afterAll(() => standing.stop())
beforeEach(async () => {
  await standing.direct('DELETE', '/team/quant/e2e-limits?op=DELETE&recursive=true')
})

const limit = (limits: Limits) =>
  standing.slice.set({
    ...SLICE,
    places: SLICE.places.map((place) => (place.path === '/team/quant' ? { ...place, limits } : place)),
  })
const send = async (method: string, query: string, body: string | ReadableStream) => {
  const url = `${standing.base}${FILE}?${query}&step=2`
  return (await fetch(url, { method, body, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) })).status
}
const chunks = (...texts: string[]) =>
  new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })
const made = async () => {
  const { body } = await standing.direct('GET', `${FILE}?op=GETFILESTATUS`)
  const { length, replication, blockSize } = Object(JSON.parse(body.toString()).FileStatus)
  return { length, replication, blockSize }
}

test('what the client leaves to HDFS is its own default, or the limit where that is lower', async () => {
  limit({ fileBytes: 10 })
  expect(await send('PUT', 'op=CREATE', 'hello')).toBe(201)
  const byDefault = await made()
  limit({ replication: 512, blockBytes: 1024 * MIB })
  expect(await send('PUT', 'op=CREATE&overwrite=true', 'hello')).toBe(201)
  expect(await made()).toEqual(byDefault)
  limit({ replication: 1, blockBytes: MIB })
  expect(await send('PUT', 'op=CREATE&overwrite=true', 'hello')).toBe(201)
  expect(await made()).toEqual({ length: 5, replication: 1, blockSize: MIB })
})

test('a file that grows too large while it streams is gone; what was appended stays below the limit', async () => {
  limit({ fileBytes: 8 })
  expect(await send('PUT', 'op=CREATE', chunks('hello', 'more'))).toBe(403)
  expect(await made()).toEqual({})
  expect(await send('PUT', 'op=CREATE', 'hello')).toBe(201)
  expect(await send('POST', 'op=APPEND', 'more')).toBe(403)
  expect(await send('POST', 'op=APPEND', chunks('mor'))).toBe(200)
  expect(await send('POST', 'op=APPEND', chunks('e'))).toBe(403)
  expect(await made()).toMatchObject({ length: 8 })
})

test('files are put together up to the limit, and none is lost beyond it', async () => {
  const beside = '/team/quant/e2e-limits/beside'
  for (const path of [FILE, beside]) {
    await fetch(`${standing.base}${path}?op=CREATE&blocksize=${MIB}&step=2`, { method: 'PUT', body: 'hello' })
  }
  const concat = () => fetch(`${standing.base}${FILE}?op=CONCAT&sources=${beside}`, { method: 'POST' })
  limit({ fileBytes: 9 })
  const refused = await concat()
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('10 bytes where 9 is the most (file-too-large)'),
  ])
  expect((await standing.direct('GET', `${beside}?op=GETFILESTATUS`)).status).toBe(200)
  expect(standing.audit.entries.at(-1)).toMatchObject({ kind: 'end', end: { status: 403, reason: 'file-too-large' } })
  limit({ fileBytes: 10 })
  expect((await concat()).status).toBe(200)
  expect(await made()).toMatchObject({ length: 10 })
})

test('replicas of a file that is there are not multiplied beyond the limit', async () => {
  limit({ replication: 2 })
  await send('PUT', 'op=CREATE', 'hello')
  const set = async (replication: number) =>
    (await fetch(`${standing.base}${FILE}?op=SETREPLICATION&replication=${replication}`, { method: 'PUT' })).status
  standing.slice.set({
    ...standing.slice.sent,
    grants: standing.slice.sent.grants.map((grant) => ({ ...grant, actions: [...grant.actions, 'setattr'] })),
  })
  expect(await set(3)).toBe(403)
  expect(await set(1)).toBe(200)
  expect(await made()).toMatchObject({ replication: 1 })
})
