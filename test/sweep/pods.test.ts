/** The search of pods finds what was planted in each place where one could be left, also when the pod is gone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PodWatch } from './pods.ts'

const KEYTAB = Buffer.concat([
  Buffer.from([5, 2]),
  Buffer.alloc(100, 'principal'),
  Buffer.alloc(24, 'the key of the team'),
])
const CACHE = Buffer.concat([
  Buffer.from([5, 4]),
  Buffer.alloc(100, 'header'),
  Buffer.alloc(64, 'a session key and a ticket'),
])
const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'c'.repeat(80)}.${'signature'.repeat(10)}`
const KEY = KEYTAB.subarray(-24)
const VOLUMES = 'kubelet/pods/uid-1/volumes'
const LOG = 'kubelet/pod-logs/ml-quant_train_uid-1/train/0.log'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'kerbside-pods-'))
  put('keytabs/quant.keytab', KEYTAB)
  put(`${VOLUMES}/kubernetes.io~empty-dir/kerbside-run/cache`, CACHE)
  put(`${VOLUMES}/kubernetes.io~empty-dir/kerbside-run/krb5.conf`, '[libdefaults] default_realm = LAB '.repeat(5))
  put(`${VOLUMES}/kubernetes.io~projected/kerbside-token/..2026/token`, TOKEN)
  put(LOG, 'epoch 1 done')
})
afterEach(() => rmSync(path, { recursive: true }))

function put(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(path, name)), { recursive: true })
  writeFileSync(join(path, name), content)
}

const watch = () => new PodWatch({ name: 'none', path, cache: path, cgroup: '/none' })

/** What is found when this is there from the beginning. */
async function foundIn(name: string, content: string | Uint8Array): Promise<readonly string[]> {
  put(name, content)
  return (await watch().end()).found
}

test('nothing is found where nothing left', async () => {
  expect(await watch().end()).toEqual({
    found: [],
    searched: { logs: 1, files: 0, objects: 0 },
    secrets: 2,
    sidecars: 0,
  })
})

test.each([
  ['the key of a keytab', KEY],
  ['the same in base64', `config: ${KEY.toString('base64')}`],
  ['a ticket', CACHE.subarray(-64)],
  ['the token of the sidecar', `Authorization: Bearer ${TOKEN}`],
  ['a delegation token', `delegation token IAAFcXVhbnQ${'x'.repeat(70)}`],
  ['the cookie of SPNEGO', 'cookie hadoop.auth="u=quant"'],
])('%s in a log is found', async (_, text) => {
  expect(await foundIn(LOG, text)).not.toEqual([])
})

test.each([
  ['the configuration of the client', 'kerbside-client/core-site.xml'],
  ['the audit spool', 'kerbside-audit/spool/0.ndjson'],
  ['a volume of the job', 'scratch/model.bin'],
])('a key in %s is found', async (_, file) => {
  expect(await foundIn(`${VOLUMES}/kubernetes.io~empty-dir/${file}`, KEY)).toHaveLength(1)
})

test('what stands in the volume of the sidecar alone has not left', async () => {
  expect(await foundIn(`${VOLUMES}/kubernetes.io~empty-dir/kerbside-run/keytab`, KEYTAB)).toEqual([])
})

test('a log is read when its pod is long gone, and so are its credentials searched for', async () => {
  const watching = watch()
  await wait(50)
  put(LOG, `leaked ${CACHE.subarray(-64).toString('hex')}`)
  rmSync(join(path, 'kubelet'), { recursive: true })
  expect((await watching.end()).found).toHaveLength(1)
})
