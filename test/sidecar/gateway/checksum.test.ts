/** GETFILECHECKSUM in two steps, and what comes of a DataNode that refuses, is gone, or says too much. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exception, json } from './fake-hdfs.ts'
import { ask, inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const CHECKSUM = '/webhdfs/v1/data/market/x?op=GETFILECHECKSUM'
const ANSWER = { FileChecksum: { algorithm: 'MD5-of-0MD5-of-512CRC32C', bytes: '00', length: 28 } }

test('is told as JSON, and to Java without a type', async () => {
  setup.hdfs.dn.handle = (_, response) => json(response, 200, ANSWER)
  const answer = await inTwoSteps(setup, 'GET', CHECKSUM)
  expect([answer.status, JSON.parse(answer.body), answer.headers['content-type']]).toEqual([
    200,
    ANSWER,
    'application/json',
  ])
  const java = await ask(setup, 'GET', `${CHECKSUM}&step=2`, { headers: { 'x-hadoop-accept-ez': 'true' } })
  expect(java.headers['content-type']).toBeUndefined()
  expect(setup.audit.lines.slice(0, 2)).toEqual(['start GETFILECHECKSUM /data/market/x allow granted', 'end 200'])
})

test('of a file of another team is refused in either step', async () => {
  for (const step of ['', '&step=2']) {
    const answer = await ask(setup, 'GET', `/webhdfs/v1/data/weather/x?op=GETFILECHECKSUM${step}`)
    expect([answer.status, messageOf(answer)]).toEqual([403, expect.stringContaining('may not read /data/weather/x')])
  }
  expect(setup.hdfs.nn1.seen).toEqual([])
})

test('a delegation token that a DataNode no longer takes is replaced, once', async () => {
  setup.hdfs.dn.handle = (_, response, { url }) =>
    url.includes('TOKEN-1') ? exception(response, 'InvalidToken', 'token is expired') : json(response, 200, ANSWER)
  expect((await inTwoSteps(setup, 'GET', CHECKSUM)).status).toBe(200)
  setup.hdfs.dn.handle = (_, response) => exception(response, 'InvalidToken', 'token (SECRET for q) is expired')
  const refused = await inTwoSteps(setup, 'GET', CHECKSUM)
  expect(refused.status).toBe(403)
  expect(setup.tokens.number).toBe(3)
})

test('a DataNode that goes away, before its answer or in it, is told as one that does not answer', async () => {
  setup.hdfs.dn.handle = (request) => request.socket.destroy()
  expect(messageOf(await inTwoSteps(setup, 'GET', CHECKSUM))).toContain('(datanode-unreachable)')
  setup.hdfs.dn.handle = (_, response) => {
    response.writeHead(200, { 'content-length': '500' })
    response.write('{')
    setImmediate(() => response.destroy())
  }
  expect(messageOf(await inTwoSteps(setup, 'GET', CHECKSUM))).toContain('(datanode-unreachable)')
})
