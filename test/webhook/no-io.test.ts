/** What a decision does besides thinking: nothing that waits for a disk, a name server or another process. */
import { createHook } from 'node:async_hooks'
import { lookup } from 'node:dns/promises'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { admissionEntry } from '../../src/core/identity/admission-entry.ts'
import { openWebhookAudit } from '../../webhook/audit.ts'
import { BUNDLE, POD } from '../core/identity/world.ts'
import { normal, responseOf, review, startWebhook, type Webhook } from './in-process.ts'

const LIMIT_MS = 60_000
let webhook: Webhook
beforeAll(async () => {
  webhook = await startWebhook()
})
afterAll(() => webhook.stop())

/** Kinds of work that Node begins outside itself (`async_hooks`): files, names, connections, processes, threads. */
const OUTSIDE =
  /^(FS|FILEHANDLE|GETADDRINFO|GETNAMEINFO|QUERY|DNS|TCPCONNECT|PIPECONNECT|PROCESS|UDP|WORKER|ZLIB|PBKDF|SIGN|RANDOM)/

async function begunOutside(work: () => Promise<void>): Promise<readonly string[]> {
  const begun: string[] = []
  const hook = createHook({ init: (_, type) => void (OUTSIDE.test(type) && begun.push(type)) })
  hook.enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return begun
}

test('a hundred decisions on a connection that is there begin no work outside', async () => {
  await webhook.call('POST', '/mutate', review(POD))
  const begun = await begunOutside(async () => {
    for (let round = 0; round < 50; round += 1) {
      expect(responseOf(await webhook.call('POST', '/mutate', review(POD)))).toMatchObject({ allowed: true })
      expect(responseOf(await webhook.call('POST', '/validate', review(POD)))).toMatchObject({ allowed: false })
    }
  })
  expect(begun).toEqual([])
})

test(
  'what is to be on record only waits in memory, and a memory that is full keeps nobody waiting either',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kerbside-no-io-'))
    const pod = { uid: 'a-pod', who: { namespace: 'kerbside', pod: 'webhook', serviceAccount: 'kerbside-webhook' } }
    const nobody = { broker: 'https://127.0.0.1:1', ca: () => '', tokenFile: join(directory, 'token') }
    const ours = { directory, pod, log: pino({ enabled: false }), metrics: { recordsLost: () => {} } }
    const limits = { mostWaiting: 60, gatherMs: LIMIT_MS }
    const audit = await openWebhookAudit({ ...nobody, ...ours, limits, clock: Date.now, chance: Math.random })
    const decision = { pod: POD, namespace: 'ml-quant', stage: 'mutate', operation: 'CREATE' } as const
    const entry = admissionEntry({ ...decision, verdict: normal(decision), review: 'u' }, BUNDLE)
    // Without a pause in between, so that nothing else of the log runs meanwhile.
    const begun = await begunOutside(async () => {
      for (let round = 0; entry !== undefined && round < 100; round += 1) audit.record(entry)
    })
    expect([begun, audit.lost()]).toEqual([[], 40])
    await audit.close()
    rmSync(directory, { recursive: true })
  },
  LIMIT_MS,
)

test('which would be seen', async () => {
  expect(await begunOutside(async () => void (await readFile(import.meta.filename)))).not.toEqual([])
  expect(await begunOutside(async () => void (await lookup('localhost')))).not.toEqual([])
  webhook.hangUp()
  expect(await begunOutside(async () => void (await webhook.call('GET', '/healthz')))).toContain('TCPCONNECTWRAP')
})
