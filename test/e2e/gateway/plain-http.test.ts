/** A real HDFS without TLS, which a cluster must ask for by `insecureHttp: true`: NameNode and DataNode by plain HTTP, Kerberos as ever. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'
import { connects } from '../../lab/probe.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { asAdmin } from './as-admin.ts'
import { type Reached, reach } from './reached.ts'

const NAMENODE = 'plain-nn.lab'
const HOME = '/team/quant'
const PLAIN: Slice = {
  ...SLICE,
  cluster: { ...SLICE.cluster, nameNodes: [`http://${NAMENODE}:9870`], insecureHttp: true },
}

let reached: Reached
beforeAll(async () => {
  if (!(await connects(NAMENODE, 9870))) throw new Error('this needs a lab with the part `plain-hdfs`')
  reached = await reach(PLAIN)
  const shell = (...args: string[]) =>
    asAdmin(reached.world.lab, 'fs.FsShell', ['-D', `fs.defaultFS=hdfs://${NAMENODE}:8020`, ...args])
  await shell('-mkdir', '-p', HOME, '/data/market')
  await shell('-chown', 'quant', HOME)
})
afterEach(() => reached.send('DELETE', `${HOME}/e2e-plain?op=DELETE&recursive=true`))
afterAll(() => reached.stop())

test('what is written and appended is read back, whole and in ranges, and listed', async () => {
  const file = `${HOME}/e2e-plain/x`
  expect(await reached.send('PUT', `${file}?op=CREATE`, { body: 'one' })).toEqual({ status: 201, text: '' })
  expect(await reached.send('POST', `${file}?op=APPEND`, { body: ' two' })).toEqual({ status: 200, text: '' })
  expect(await reached.send('GET', `${file}?op=OPEN`)).toEqual({ status: 200, text: 'one two' })
  expect(await reached.send('GET', `${file}?op=OPEN&offset=4&length=2`)).toEqual({ status: 200, text: 'tw' })
  const { text } = await reached.send('GET', `${HOME}/e2e-plain?op=LISTSTATUS`)
  expect(JSON.parse(text).FileStatuses.FileStatus).toMatchObject([{ pathSuffix: 'x', length: 7, owner: 'quant' }])
  expect((await reached.send('GET', `${file}?op=GETFILECHECKSUM`)).text).toContain('"FileChecksum"')
})

test('policy and delegation tokens are what they are with TLS', async () => {
  const { status, text } = await reached.send('GET', '/team/climate?op=LISTSTATUS')
  expect([status, text]).toEqual([403, expect.stringContaining('(no-dataset)')])
  await reached.tokens.lose()
  expect((await reached.send('GET', `${HOME}?op=GETFILESTATUS`)).status).toBe(200)
  expect(reached.tokens.replaced).toBe(1)
})

test('without the word for it in the cluster there is no slice with such a NameNode', () => {
  const { insecureHttp, ...cluster } = PLAIN.cluster
  expect(insecureHttp).toBe(true)
  const line = writeSlice({ ...PLAIN, cluster })
  expect(() => readSlice(line)).toThrow('has plain HTTP, which the policy does not allow')
})
