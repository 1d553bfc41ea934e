/** The files store: the contract, and what folders and links can do to it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { filesStore } from '../../../src/io/secret-stores/files.ts'
import { UNREADABLE } from '../../unreadable.ts'
import { BINARY, obeysTheContract, REF, refusal } from './contract.ts'

let folder: string
let mount: string
const signal = new AbortController().signal
const fetch = (ref: SecretRef = REF) => filesStore(mount).fetch(ref, signal)
const at = (...names: string[]) => join(mount, ...names)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  mount = join(folder, 'store')
  mkdirSync(at('hdfs', 'contract'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** In one step, as everybody who minds readers does. */
function write(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, bytes)
  renameSync(`${file}.new`, file)
}

obeysTheContract({
  store: () => filesStore(mount),
  put: async ({ path, key }, bytes) => write(at(path, key), bytes),
  async putForOthers({ path, key }, bytes) {
    write(join(folder, 'others'), bytes)
    mkdirSync(at(path))
    symlinkSync(join(folder, 'others'), at(path, key))
  },
})

/** As the kubelet writes a Secret: files in a dated folder, reached through `..data`. */
function mountAsKubelet(version: string, bytes: Uint8Array): void {
  mkdirSync(at('hdfs/contract', version))
  writeFileSync(at('hdfs/contract', version, 'keytab'), bytes)
  symlinkSync(version, at('hdfs/contract/..data.new'))
  renameSync(at('hdfs/contract/..data.new'), at('hdfs/contract/..data'))
}

test("a Secret's files are found through the kubelet's links, before and after a swap", async () => {
  mountAsKubelet('..2026_1', BINARY)
  symlinkSync('..data/keytab', at('hdfs/contract/keytab'))
  const first = await fetch()
  mountAsKubelet('..2026_2', BINARY.toReversed())
  rmSync(at('hdfs/contract/..2026_1'), { recursive: true })
  const second = await fetch()
  expect([...second.bytes]).toEqual([...BINARY.toReversed()])
  expect(second.version).not.toBe(first.version)
})

test('while links are swapped under many readers, each gets a whole secret: the old one or the new one', async () => {
  const secrets = [BINARY, BINARY.toReversed(), new Uint8Array(100_000).fill(7)].map((bytes) => Buffer.from(bytes))
  mountAsKubelet('..0', BINARY)
  symlinkSync('..data/keytab', at('hdfs/contract/keytab'))
  for (let round = 1; round < 200; round++) {
    const reading = Promise.all(Array.from({ length: 8 }, () => fetch()))
    // Sooner or later the swap falls between the look at the links and the opening of the file.
    for (let turn = 0; turn < round % 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    mountAsKubelet(`..${round}`, secrets[round % 3] ?? BINARY)
    rmSync(at('hdfs/contract', `..${round - 1}`), { recursive: true })
    for (const { bytes } of await reading) expect(secrets.some((secret) => secret.equals(bytes))).toBe(true)
  }
})

test.each([
  ['of the key', () => symlinkSync(join(folder, 'outside'), at('hdfs/contract/keytab'))],
  [
    'of a folder',
    () => {
      rmSync(at('hdfs/contract'), { recursive: true })
      symlinkSync(folder, at('hdfs/contract'))
    },
  ],
  [
    'to a sibling whose name only begins alike',
    () => {
      mkdirSync(`${mount}-other`)
      writeFileSync(`${mount}-other/keytab`, 'canary')
      symlinkSync(`${mount}-other/keytab`, at('hdfs/contract/keytab'))
    },
  ],
])('a link %s that leads out of the folder is refused', async (_, link) => {
  writeFileSync(join(folder, 'outside'), 'canary')
  writeFileSync(join(folder, 'keytab'), 'canary')
  link()
  const { code, message } = await refusal(fetch())
  expect(code).toBe('secret-forbidden')
  expect(message).not.toContain('canary')
})

test('one that the user of the sidecar may not read is told as that', async () => {
  const ref = { path: basename(UNREADABLE.folder), key: UNREADABLE.name }
  const { code, message } = await refusal(filesStore(dirname(UNREADABLE.folder)).fetch(ref, signal))
  expect([code, message]).toEqual([
    'secret-forbidden',
    `secret \`${ref.path}\` \`${ref.key}\` may not be read by the user of the sidecar`,
  ])
})

test('what is no file, or too large for a secret, is malformed', async () => {
  mkdirSync(at('hdfs/contract/keytab'))
  expect(await refusal(fetch())).toMatchObject({ code: 'secret-malformed' })
  writeFileSync(at('hdfs/contract/large'), new Uint8Array((1 << 20) + 1))
  expect(await refusal(fetch({ path: 'hdfs/contract', key: 'large' }))).toMatchObject({ code: 'secret-malformed' })
  execFileSync('mkfifo', [at('hdfs/contract/pipe')])
  expect(await refusal(fetch({ path: 'hdfs/contract', key: 'pipe' }))).toMatchObject({ code: 'secret-malformed' })
})

test('a folder that is not mounted is told as that', async () => {
  mount = join(folder, 'nowhere')
  const { code, message } = await refusal(fetch())
  expect(code).toBe('secret-not-found')
  expect(message).toContain(`is not in the folder \`${mount}\``)
})
