/** The cluster's configuration out of a store of files: what of it comes back, and what is told when it cannot be used. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FetchedConfiguration, fetchConfiguration } from '../../../sidecar/credentials/fetch-configuration.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import { filesStore } from '../../../src/io/secret-stores/files.ts'
import { SLICE } from '../gateway/story.ts'

const BANK = join(import.meta.dirname, '..', '..', 'fixtures', 'hadoop', 'bank')
const CLUSTER = { ...SLICE.cluster, configuration: 'hdfs/lab-site' }
const signal = new AbortController().signal

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-site-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(name: string, content: string | Uint8Array): void {
  const file = join(folder, 'hdfs/lab-site', name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
const site = (name: string, value: string) =>
  `<configuration><property><name>${name}</name><value>${value}</value></property></configuration>`
const fetched = () => fetchConfiguration(filesStore(folder), CLUSTER, signal)
const told = (it: FetchedConfiguration | undefined) => it?.problems.map(({ code, message }) => `${code}: ${message}`)

test('nothing is asked for when policy names no place', async () => {
  expect(await fetchConfiguration(filesStore('/nowhere'), SLICE.cluster, signal)).toBeUndefined()
})

test("a bank's files come back as a few properties, with what was left out told", async () => {
  cpSync(BANK, join(folder, 'hdfs/lab-site'), { recursive: true })
  const it = await fetched()
  expect(it?.properties).toMatchObject({ cluster: 'lab', configuration: 'hdfs/lab-site' })
  expect(it?.properties?.properties).toContainEqual(['dfs.replication', '2'])
  expect(told(it)).toHaveLength(3)
  expect(JSON.stringify([it, told(it)])).not.toContain('CANARY')
})

test.each(['core-site.xml', 'hdfs-site.xml'])('`%s` alone is enough', async (name) => {
  put(name, site('dfs.replication', '2'))
  expect(await fetched()).toMatchObject({ properties: { properties: [['dfs.replication', '2']] }, problems: [] })
})

test('a comment in Latin-1 spoils nothing', async () => {
  put('hdfs-site.xml', Buffer.from(`<!-- Zürich -->${site('dfs.replication', '2')}`, 'latin1'))
  expect(await fetched()).toMatchObject({ properties: { properties: [['dfs.replication', '2']] } })
})

test.each<[string, () => void, string]>([
  [
    'neither file',
    () => {},
    'secret-not-found: secret `hdfs/lab-site` has neither `core-site.xml` nor `hdfs-site.xml`',
  ],
  [
    'one that is cut off',
    () => put('hdfs-site.xml', site('a', 'SECRET').slice(0, 60)),
    'bad-configuration: hdfs-site.xml:1: an element is not closed',
  ],
  [
    'one that includes another',
    () => put('core-site.xml', '<configuration>\n<xi:include href="/SECRET"/></configuration>'),
    'bad-configuration: core-site.xml:2: it includes another file',
  ],
  [
    'one that is none',
    () => put('core-site.xml', Buffer.alloc(64)),
    'bad-configuration: core-site.xml:1: a character is none of XML',
  ],
  [
    'one that is too large',
    () => put('core-site.xml', ' '.repeat((1 << 20) + 1)),
    'secret-malformed: secret `hdfs/lab-site` `core-site.xml` is larger',
  ],
])('%s is told by name, and never thrown', async (_, arrange, expected) => {
  put('other', '')
  arrange()
  const it = await fetched()
  expect(it?.properties).toBeUndefined()
  expect(told(it)?.[0]).toContain(expected)
  expect(told(it)?.join()).not.toContain('SECRET')
})

test('a store that fails at all is told, and never thrown', async () => {
  const failing = {
    fetch: () => Promise.reject(new KerbsideError('secret-unavailable', 'sealed')),
    close: async () => {},
  }
  expect(told(await fetchConfiguration(failing, CLUSTER, signal))).toEqual(['secret-unavailable: sealed'])
})
