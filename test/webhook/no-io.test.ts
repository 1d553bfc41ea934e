/** What a decision does besides thinking: nothing that waits for a disk, a name server or another process. */
import { createHook } from 'node:async_hooks'
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { POD } from '../core/identity/world.ts'
import { responseOf, review, startWebhook, type Webhook } from './in-process.ts'

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

test('which would be seen', async () => {
  expect(await begunOutside(async () => void (await readFile(import.meta.filename)))).not.toEqual([])
  expect(await begunOutside(async () => void (await lookup('localhost')))).not.toEqual([])
  webhook.hangUp()
  expect(await begunOutside(async () => void (await webhook.call('GET', '/healthz')))).toContain('TCPCONNECTWRAP')
})
