/** What the other containers read: by the newest slice, with what its cluster's configuration adds, and never less than before. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ClientFiles } from '../../sidecar/client-files.ts'
import type { ClusterProperties, CurrentSlice } from '../../sidecar/ports.ts'
import { type KeptSlice, keepSlice } from '../../src/core/policy/kept-slice.ts'
import type { SliceCluster } from '../../src/core/policy/slice.ts'
import { SLICE } from './gateway/story.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-client-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const LAB = { ...SLICE.cluster, configuration: 'hdfs/lab-site' }
const GIVEN: ClusterProperties = {
  cluster: 'lab',
  configuration: 'hdfs/lab-site',
  properties: [
    ['dfs.replication', '2'],
    ['io.file.buffer.size', '131072'],
  ],
}
const problems: unknown[] = []

function standing(cluster: SliceCluster) {
  const listeners: ((slice: KeptSlice) => void)[] = []
  const sliceOf = (it: SliceCluster) => keepSlice({ ...SLICE, cluster: it })
  const slices: CurrentSlice = {
    get: () => sliceOf(cluster),
    onChange(listener) {
      listeners.push(listener)
      return () => {}
    },
  }
  const files = new ClientFiles({ clientDirectory: folder, gatewayPort: 9870 }, slices, (problem) =>
    problems.push(problem),
  )
  const change = (it: SliceCluster) => listeners.forEach((listener) => void listener(sliceOf(it)))
  return { files, change }
}

const read = (name: string) => readFileSync(join(folder, 'hadoop', name), 'utf8')
const coreSite = () => read('core-site.xml')

test('without a configuration of the cluster, the gateway alone', async () => {
  await standing(SLICE.cluster).files.start()
  expect(coreSite()).toContain('webhdfs://127.0.0.1:9870')
  expect(() => read('hdfs-site.xml')).toThrow('ENOENT')
})

test('with one, what it adds: properties of HDFS in the file that Hadoop reads last', async () => {
  const { files } = standing(LAB)
  await files.start()
  await files.use(GIVEN)
  expect(coreSite()).toContain('<name>io.file.buffer.size</name><value>131072</value>')
  expect(coreSite()).toContain('webhdfs://127.0.0.1:9870')
  expect(read('hdfs-site.xml')).toContain('<name>dfs.replication</name><value>2</value>')
})

test.each<[string, SliceCluster]>([
  ['policy names none any more', SLICE.cluster],
  ['policy names another place', { ...LAB, configuration: 'hdfs/other-site' }],
  ['policy names another cluster', { ...LAB, name: 'other', nameservice: 'other' }],
])('what it added is gone when %s', async (_, cluster) => {
  const { files, change } = standing(LAB)
  await files.start()
  await files.use(GIVEN)
  change(cluster)
  await files.use(GIVEN) // late, and of the cluster before
  expect(() => read('hdfs-site.xml')).toThrow('ENOENT')
  expect(coreSite()).toContain(`fs.viewfs.mounttable.${cluster.nameservice}.linkFallback`)
  expect(coreSite()).not.toContain('131072')
})

test('what was added stays for slices that change something else', async () => {
  const { files, change } = standing(LAB)
  await files.start()
  await files.use(GIVEN)
  change({ ...LAB, kdcs: ['kdc2.lab:88'] })
  await files.use(GIVEN)
  expect(read('hdfs-site.xml')).toContain('dfs.replication')
})

test('a folder that cannot be written is an error at the start, and later a warning', async () => {
  const { files } = standing(LAB)
  await files.start()
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder was')
  await expect(standing(LAB).files.start()).rejects.toMatchObject({ code: 'io-failed' })
  expect(problems).toEqual([])
  await files.use(GIVEN)
  expect(problems).toMatchObject([{ code: 'io-failed' }])
})
