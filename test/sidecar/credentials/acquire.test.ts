/** The program that logs in, run as it is run: what it says of each secret that is not there or not right. No KDC is asked. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AcquireTask } from '../../../sidecar/credentials/acquire.ts'
import { ACQUIRE } from '../../../sidecar/credentials/programs.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import { runOneShot } from '../../../src/io/one-shot.ts'
import { aes, keytab } from '../../core/kerberos/keytab-bytes.ts'
import { SLICE } from '../gateway/story.ts'

const BANK = join(import.meta.dirname, '..', '..', 'fixtures', 'hadoop', 'bank')

// Each test starts a program; a busy machine takes seconds for it.
vi.setConfig({ testTimeout: 30_000 })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  put('hdfs/lab/ca.pem', `${rootCertificates[0]}\n`)
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(path: string, content: string | Uint8Array): void {
  const file = join(folder, 'store', path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, content)
}

type More = {
  readonly configuration?: string
  readonly store?: Partial<AcquireTask['store']>
  readonly secretsThrough?: 'broker'
  readonly onNews?: (news: unknown) => void
}

/** The token file is any word: nobody is there to be shown it. */
const WITHOUT_STORE = {
  store: 'none',
  broker: 'https://127.0.0.1:1',
  identity: 'quant-research',
  ca: rootCertificates[0] ?? '',
  tokenFile: '/proc/sys/kernel/ostype',
} as const

async function complaint(
  signal = new AbortController().signal,
  { onNews = () => {}, store: place, secretsThrough, ...more }: More = {},
): Promise<KerbsideError> {
  const { principal, secret, cluster } = SLICE
  const store = { store: 'files', storeMount: join(folder, 'store'), ...place } as AcquireTask['store']
  const way = secretsThrough === undefined ? {} : { secretsThrough }
  const task: AcquireTask = {
    store,
    runDirectory: join(folder, 'run'),
    connection: { principal, secret, ...way, cluster: { ...cluster, ...more, kdcs: ['127.0.0.1:1'] } },
  }
  const outcome = runOneShot({ program: ACQUIRE, task, env: {}, timeoutMs: 30_000, signal, onNews })
  return outcome.then(
    () => expect.unreachable('it got a ticket without a KDC'),
    (error: unknown) => error as KerbsideError,
  )
}

test.each<[string, string | Uint8Array | undefined, string, string]>([
  ['no keytab', undefined, 'secret-not-found', 'secret `hdfs/quant-research` `keytab` is not in the folder'],
  ['an empty one', '', 'keytab-malformed', 'the keytab is empty'],
  [
    'one that is base64',
    Buffer.from(keytab(aes('quant@LAB'))).toString('base64'),
    'secret-malformed',
    'is a keytab in base64 where its bytes should be',
  ],
  ["someone else's", keytab(aes('climate@LAB')), 'keytab-malformed', 'no key for `quant@LAB`, only for `climate@LAB`'],
  ['one cut short', keytab(aes('quant@LAB')).subarray(0, 40), 'keytab-malformed', 'is cut off in the entry at byte 2'],
  ['one with an RC4 key', keytab(aes('quant@LAB', 1, 23)), 'keytab-malformed', 'is arcfour-hmac, which is refused'],
])('%s is named, before any KDC is asked', async (_, content, code, message) => {
  if (content !== undefined) put('hdfs/quant-research/keytab', content)
  const error = await complaint()
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  expect(`${error.message} ${error.hint}`).not.toMatch(/KKKK/)
})

test('a sidecar without a store that policy has ask one says what must change', async () => {
  const { code, hint } = await complaint(undefined, { store: WITHOUT_STORE })
  expect([code, hint]).toEqual([
    'bad-settings',
    expect.stringContaining('the Identity must say `secretsThrough: broker`'),
  ])
})

test('a sidecar without a store asks the broker where policy says so, and nobody else', async () => {
  const { code, message } = await complaint(undefined, { store: WITHOUT_STORE, secretsThrough: 'broker' })
  expect([code, message]).toEqual(['secret-unavailable', 'the broker: the connection is refused'])
})

test('a cluster without a CA is named', async () => {
  put('hdfs/quant-research/keytab', keytab(aes('quant@LAB')))
  put('hdfs/lab/ca.pem', 'not a certificate')
  expect(await complaint()).toMatchObject({ code: 'secret-malformed' })
})

test('what a client needs of the configuration of the cluster is told, also when no KDC answers', async () => {
  put('hdfs/quant-research/keytab', keytab(aes('quant@LAB')))
  put('hdfs/lab-site/hdfs-site.xml', readFileSync(join(BANK, 'hdfs-site.xml')))
  const news: object[] = []
  const error = await complaint(undefined, { configuration: 'hdfs/lab-site', onNews: (one) => news.push(Object(one)) })
  expect(error.code).not.toMatch(/configuration|secret/)
  const [report] = news.filter((one) => 'configuration' in one)
  expect(report).toMatchObject({ configuration: { properties: { cluster: 'lab', configuration: 'hdfs/lab-site' } } })
  expect(JSON.stringify(news)).toContain('["dfs.replication","3"]')
  expect(JSON.stringify(news)).not.toContain('CANARY')
})

test('whatever happens, nothing of a keytab is left in the run folder', async () => {
  put('hdfs/quant-research/keytab', keytab(aes('quant@LAB')))
  await complaint()
  expect(readdirSync(join(folder, 'run', 'kerberos'))).toEqual(['krb5.conf.next'])
})

test('a process that is called off is an error of ours, not a crash', async () => {
  expect(await complaint(AbortSignal.timeout(1))).toBeInstanceOf(KerbsideError)
})
