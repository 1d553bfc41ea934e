/** Both ends of the stream: the sidecar's client against the broker's server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { BrokerClient } from '../../sidecar/policy/broker-client.ts'
import { readRevocation, writeRevocation } from '../../src/core/policy/revocation.ts'
import type { BrokerReason } from '../../src/core/reasons.ts'
import { BROKER_REASONS } from '../../src/core/reasons.ts'
import type { Broker } from './in-process.ts'
import { startBroker } from './in-process.ts'
import type { Issuer } from './tokens.ts'
import { claims, makeIssuer } from './tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-sidecar-'))
const tokenFile = join(folder, 'token')
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
let issuer: Issuer
let broker: Broker

beforeAll(async () => {
  issuer = await makeIssuer()
  broker = await startBroker(issuer.keys)
  writeFileSync(tokenFile, await issuer.sign(claims()))
})
afterAll(async () => {
  await broker?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('a sidecar that loses its identity allows nothing from that moment, without asking again', async () => {
  const { url, ca, bundle } = broker
  // Chance is 1 and the first pause a day: only the last line of the stream can have told it.
  const limits = { retry: { firstMs: 86_400_000, longestMs: 86_400_000 } }
  const options = {
    url,
    ca,
    tokenFile,
    identity: 'quant-research',
    log: silent,
    clock: Date.now,
    chance: () => 1,
    limits,
  }
  const client = new BrokerClient(options)
  const told = vi.fn()
  const first = await client.first(AbortSignal.timeout(60_000))
  expect(first).not.toHaveProperty('places')
  client.onChange(told)

  broker.put({ ...bundle, identities: new Map([...bundle.identities].filter(([name]) => name !== 'quant-research')) })
  await vi.waitFor(() => expect(client.status().state).toBe('closed'), 60_000)
  expect(() => client.get()).toThrow(/policy no longer gives this pod its identity \(pod-refused/)
  const [closed] = told.mock.lastCall ?? []
  const read = [{ action: 'read', path: '/data/market/x', scope: 'this' }]
  expect([closed.mode, closed.policy.decide(read, Date.now()).effect]).toEqual(['enforce', 'deny'])
  await client.close()
})

it('a revocation is read as it was written, and no slice is taken for one', () => {
  for (const reason of Object.keys(BROKER_REASONS) as BrokerReason[]) {
    expect(readRevocation(writeRevocation(reason))).toBe(reason)
  }
  expect(readRevocation('{"revoked":"of a later version"}')).toBe('pod-refused')
  expect(readRevocation('{"format":1}')).toBeUndefined()
  expect(readRevocation('')).toBeUndefined()
})
