/** A broker that says of a slice only that it stands: believed when it has sent it on the same connection, and only then. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { makeLog } from '../../../sidecar/log.ts'
import { BrokerClient } from '../../../sidecar/policy/broker-client.ts'
import { on } from '../../../src/core/hdfs/demands.ts'
import { writeRenewal } from '../../../src/core/policy/renewal.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import type { Authority } from '../../../src/io/tls/certificates.ts'
import { hdfs } from '../../core/policy/bundle-of.ts'
import { SLICE } from '../gateway/story.ts'
import { codeOf, type LoopbackBroker, makeAuthority, startLoopbackBroker, stream } from './loopback-broker.ts'

const SOON = { timeout: 60_000, interval: 10 }
const SLICE_LINE = writeSlice(SLICE)

let authority: Authority
let broker: LoopbackBroker
let said: string[]
beforeAll(async () => {
  authority = await makeAuthority()
})
beforeEach(async () => {
  said = []
  broker = await startLoopbackBroker(authority)
  onTestFinished(() => broker.close())
})

function connect(): BrokerClient {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, 'a-service-account-token')
  const client = new BrokerClient({
    url: broker.url,
    ca: broker.ca,
    tokenFile,
    identity: SLICE.identity,
    log: makeLog({ level: 'debug', out: (line) => said.push(line), clock: Date.now }),
    clock: () => performance.now(),
    chance: () => 0.5,
    limits: { retry: { firstMs: 20, longestMs: 50 } },
  })
  onTestFinished(async () => {
    await client.close()
    rmSync(folder, { recursive: true })
  })
  return client
}

test('it is kept, decides as before, and records name the new bundle', async () => {
  broker.answer(stream(SLICE_LINE, writeRenewal('sha256:next')))
  const client = connect()
  await vi.waitFor(() => expect(client.get().bundle).toBe('sha256:next'), SOON)
  expect(client.get().policy.decide([on('read', hdfs('/data/market/x'))], Date.now()).effect).toBe('allow')
})

test.each([
  ['says that a slice stands which it has not sent', writeRenewal('sha256:next')],
  ['names no bundle', '{"renewed":""}'],
  ['names something else than a bundle', '{"renewed":{"grants":[]}}'],
  ['breaks off', '{"renewed":'],
])('a broker that %s is not believed', async (_, renewal) => {
  broker.answer(stream(SLICE_LINE))
  const client = connect()
  await vi.waitFor(() => expect(codeOf(client)).toBe(`slice of ${SLICE.identity}`), SOON)
  broker.answer(stream(renewal))
  broker.cut()
  await vi.waitFor(() => expect(said.join()).toContain('bad-slice'), SOON)
  expect([client.get().bundle, client.status().state]).toEqual([SLICE.bundle, 'stale'])
})
