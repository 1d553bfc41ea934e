/** Encryption zones behind a real KMS that gives no team a key: DataNodes encrypt and decrypt, and the pod needs no credential for it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEY_PROVIDER } from '../../lab/addresses.ts'
import { connects } from '../../lab/probe.ts'
import { asAdmin } from './as-admin.ts'
import { type Standing, standHere } from './standing.ts'

const ZONE = '/team/quant/e2e-sealed'
const KEY = `e2e-${process.pid}`
const CLEAR = 'a sentence that nobody reads on a disk. '.repeat(100)
/** Hadoop's Java client sends it with each request: it would decrypt by itself, with a key from the KMS. */
const EZ = { 'x-hadoop-accept-ez': 'true' }

let standing: Standing
beforeAll(async () => {
  standing = await standHere()
  const { lab } = standing
  if (!(await connects('kms.lab', 9600))) throw new Error('this needs a lab with the part `kms`')
  await asAdmin(lab, 'crypto.key.KeyShell', ['create', KEY, '-size', '128', '-provider', KEY_PROVIDER])
  await standing.direct('PUT', `${ZONE}?op=MKDIRS`)
  await asAdmin(lab, 'hdfs.tools.CryptoAdmin', ['-createZone', '-keyName', KEY, '-path', ZONE])
})
afterAll(async () => {
  await standing.direct('DELETE', `${ZONE}?op=DELETE&recursive=true`)
  await standing.stop()
})

async function send(method: string, pathAndQuery: string, body?: string) {
  const first = await fetch(`${standing.base}${pathAndQuery}`, { method, headers: EZ, redirect: 'manual' })
  const location = first.headers.get('location')
  const step = { method, headers: EZ, ...(body === undefined ? {} : { body }) }
  const last = location === null ? first : await fetch(location, step)
  return { status: last.status, text: await last.text(), headers: [...first.headers, ...last.headers].join('\n') }
}

test('what is written into a zone is read back as it was, also by a client that offers to decrypt', async () => {
  expect((await send('PUT', `${ZONE}/file?op=CREATE`, CLEAR)).status).toBe(201)
  expect((await send('POST', `${ZONE}/file?op=APPEND`, CLEAR)).status).toBe(200)
  const read = await send('GET', `${ZONE}/file?op=OPEN&offset=7`)
  expect(read).toMatchObject({ status: 200, text: (CLEAR + CLEAR).slice(7) })
  // The encrypted key of the file, and the path by which raw bytes are read.
  expect(read.headers).not.toMatch(/feinfo|reserved/i)
})

test('on the disks it is not, so the zone is one', async () => {
  const raw = await asAdmin(standing.lab, 'fs.FsShell', ['-cat', `/.reserved/raw${ZONE}/file`])
  expect(raw.length).toBeGreaterThan(CLEAR.length)
  expect(raw).not.toContain('sentence')
  const { body } = await standing.direct('GET', `${ZONE}/file?op=GETFILESTATUS`)
  expect(JSON.parse(body.toString()).FileStatus).toMatchObject({ encBit: true, length: 2 * CLEAR.length })
})

test.each(['OPEN', 'GETFILESTATUS'])('raw bytes are nobody’s: %s of /.reserved/raw is refused', async (operation) => {
  const { status, text } = await send('GET', `/.reserved/raw${ZONE}/file?op=${operation}`)
  expect([status, text]).toEqual([403, expect.stringContaining('(reserved-path)')])
})

test('where the KMS is, is told to nobody; all other defaults are', async () => {
  const question = '/?op=GETSERVERDEFAULTS'
  const { FsServerDefaults: direct } = JSON.parse((await standing.direct('GET', question)).body.toString())
  expect(direct.keyProviderUri).toBe(KEY_PROVIDER)
  const { FsServerDefaults: told } = JSON.parse((await send('GET', question)).text)
  expect(told).toEqual({ ...direct, keyProviderUri: '' })
})
