/** Erasure coding behind the gateway: striped files are written, read and told as HDFS does it, and how they are striped is an administrator's to say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action } from '../../../src/core/policy/action.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { asAdmin } from './as-admin.ts'
import { contentAt } from './large-content.ts'
import { type Standing, standHere } from './standing.ts'

const FOLDER = '/team/quant/e2e-striped'
/** Two cells of 1 MiB to a stripe. The lab has no third DataNode for what is computed of them, and HDFS does without. */
const POLICY = 'XOR-2-1-1024k'
const MIB = 1 << 20
const BYTES = 5 * MIB + 17
const SOON = { timeout: 40_000 }

const withActions = (...more: Action[]): Slice => ({
  ...SLICE,
  grants: SLICE.grants.map((grant) =>
    grant.name === 'quant-home' ? { ...grant, actions: [...grant.actions, ...more] } : grant,
  ),
})

let standing: Standing
beforeAll(async () => {
  standing = await standHere()
  await asAdmin(standing.lab, 'hdfs.tools.ECAdmin', ['-enablePolicy', '-policy', POLICY])
  await standing.direct('PUT', `${FOLDER}?op=MKDIRS`)
  await standing.direct('PUT', `${FOLDER}?op=SETECPOLICY&ecpolicy=${POLICY}`)
  expect((await send('PUT', '/file?op=CREATE', contentAt(0, BYTES))).status).toBe(201)
})
afterAll(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  await asAdmin(standing.lab, 'hdfs.tools.ECAdmin', ['-disablePolicy', '-policy', POLICY])
  await standing.stop()
})

async function send(method: string, below: string, body?: Buffer) {
  const first = await fetch(`${standing.base}${FOLDER}${below}`, { method, redirect: 'manual' })
  const location = first.headers.get('location')
  const last = location === null ? first : await fetch(location, { method, ...(body === undefined ? {} : { body }) })
  return { status: last.status, body: Buffer.from(await last.arrayBuffer()) }
}
const told = async (below: string) => JSON.parse((await send('GET', below)).body.toString())
const direct = async (below: string) => JSON.parse((await standing.direct('GET', `${FOLDER}${below}`)).body.toString())

describe('a striped file', () => {
  test('is one', async () => {
    const { FileStatus } = await told('/file?op=GETFILESTATUS')
    expect(FileStatus).toMatchObject({ length: BYTES, ecPolicy: POLICY, ecBit: true })
  })

  test.each([
    ['whole', 0, BYTES],
    ['across two cells', MIB - 5, 11],
    ['across two stripes', 2 * MIB - 5, 11],
    ['in a cell of the last stripe, which is not full', 4 * MIB + 1, MIB],
    ['to its end', 5 * MIB - 1, 18],
  ])('is read %s', async (_what, offset, length) => {
    const { status, body } = await send('GET', `/file?op=OPEN&offset=${offset}&length=${length}`)
    expect([status, body.length, body.equals(contentAt(offset, length))]).toEqual([200, length, true])
  })

  test.each([
    '/file?op=GETFILESTATUS',
    '/file?op=GETECPOLICY',
    '/file?op=GETFILECHECKSUM',
    '?op=GETECPOLICY',
    '?op=LISTSTATUS',
    '?op=GETCONTENTSUMMARY',
  ])('is told by %s as HDFS tells it', async (question) => {
    const expected = await direct(question)
    expect(expected).not.toHaveProperty('RemoteException')
    expect(await told(question)).toEqual(expected)
  })

  test('is not appended to: HDFS says so, and it stays as it is', async () => {
    const { status, body } = await send('POST', '/file?op=APPEND', Buffer.from('more'))
    expect([status, body.toString()]).toEqual([403, expect.stringContaining('EC file')])
    expect((await told('/file?op=GETFILESTATUS')).FileStatus.length).toBe(BYTES)
  })

  test('that is cut while it is written is removed', async () => {
    const controller = new AbortController()
    const slowly = new ReadableStream({
      async pull(stream) {
        stream.enqueue(contentAt(0, MIB))
        await new Promise((resolve) => setTimeout(resolve, 100))
      },
    })
    const url = `${standing.base}${FOLDER}/cut?op=CREATE&step=2`
    const sent = fetch(url, { method: 'PUT', body: slowly, signal: controller.signal, duplex: 'half' })
    sent.catch(() => {})
    await expect.poll(() => direct('/cut?op=GETFILESTATUS'), SOON).toHaveProperty('FileStatus')
    controller.abort()
    await expect.poll(() => standing.audit.lines.at(-1), SOON).toMatch(/^end 0 wrote \d+ cut removed$/)
    expect(await direct('/cut?op=GETFILESTATUS')).toHaveProperty('RemoteException')
  })
})

describe('how a directory is striped', () => {
  test.each([
    ['PUT', '?op=SETECPOLICY&ecpolicy=RS-6-3-1024k'],
    ['POST', '?op=UNSETECPOLICY'],
  ])('is not for who may only write there: %s %s', async (method, question) => {
    const before = await direct('?op=GETECPOLICY')
    const { status, body } = await send(method, question)
    expect([status, body.toString()]).toEqual([403, expect.stringContaining('may not admin')])
    expect(await direct('?op=GETECPOLICY')).toEqual(before)
  })

  test('is for who may administer all below, and HDFS does it', async () => {
    standing.slice.set(withActions('admin'))
    expect((await send('POST', '?op=UNSETECPOLICY')).status).toBe(200)
    expect(JSON.stringify(await direct('?op=GETECPOLICY'))).not.toContain(POLICY)
    expect((await send('PUT', `?op=SETECPOLICY&ecpolicy=${POLICY}`)).status).toBe(200)
    expect(JSON.stringify(await direct('?op=GETECPOLICY'))).toContain(POLICY)
  })

  test.each(['ENABLEECPOLICY', 'DISABLEECPOLICY'])('%s is for nobody: it changes the whole cluster', async (name) => {
    standing.slice.set(withActions('admin'))
    const { status, body } = await send('PUT', `?op=${name}&ecpolicy=${POLICY}`)
    expect([status, body.toString()]).toEqual([400, expect.stringContaining('(unsupported-operation)')])
  })
})
