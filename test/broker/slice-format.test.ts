/** Sidecars and brokers of different versions: what one of them cannot do is said by name, and no pod loses what it has for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linesOf as standingLines } from '../../sidecar/health/standing.ts'
import { BrokerClient, type BrokerClientOptions } from '../../sidecar/policy/broker-client.ts'
import { SLICE_FORMAT, SLICE_FORMAT_HEADER } from '../../src/core/policy/slice-format.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { BROKER_REASONS } from '../../src/core/reasons.ts'
import { type Broker, bodyOf, linesOf, startBroker } from './in-process.ts'
import { claims, type Issuer, makeIssuer } from './tokens.ts'

const SLICES = '/v1/slices?identity=quant-research'
const SOON = { timeout: 60_000, interval: 50 }
const LATER = SLICE_FORMAT + 1
const folder = mkdtempSync(join(tmpdir(), 'kerbside-format-'))
const tokenFile = join(folder, 'token')
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
let issuer: Issuer

beforeAll(async () => {
  issuer = await makeIssuer()
  writeFileSync(tokenFile, await issuer.sign(claims()))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Each broker is the next one under the same name, with the same authority; of tomorrow where it writes another format. */
const brokerOf = (formats: readonly number[], port = 0): Promise<Broker> =>
  startBroker(issuer.keys, {
    tls: join(folder, 'tls'),
    formats,
    audit: { directory: join(folder, 'records'), name: 'broker-0', port },
  })

const client = ({ url, ca }: Broker): BrokerClient => {
  const limits = { retry: { firstMs: 20, longestMs: 100 } }
  const options: BrokerClientOptions = {
    ...{ url, ca, tokenFile, identity: 'quant-research', log: silent },
    ...{ clock: Date.now, chance: Math.random, limits },
  }
  return new BrokerClient(options)
}

/** The line of `/readyz`. */
function policyLine(of: BrokerClient): string {
  const nothing = { ageMs: undefined, leftMs: undefined, expiresAt: undefined, lastError: undefined }
  const pending = { state: 'pending', since: 0, ...nothing } as const
  const credentials = { ticket: pending, delegationToken: pending, kvno: 1, kdcs: [], clockOffsetMs: 0, failures: [] }
  const [policy] = standingLines({ policy: of.status(), credentials, gateway: undefined })
  return policy?.says ?? ''
}

describe('a broker of this version', () => {
  let broker: Broker
  beforeAll(async () => {
    broker = await brokerOf([SLICE_FORMAT])
  })
  afterAll(() => broker?.stop())

  it.each([
    ['that asks for the form of this version', { [SLICE_FORMAT_HEADER]: String(SLICE_FORMAT) }],
    ['from before there was a choice', {}],
  ])('serves a sidecar %s', async (_, headers) => {
    const answer = await broker.get(SLICES, await issuer.sign(claims()), headers)
    expect(answer.statusCode).toBe(200)
    expect(readSlice((await linesOf(answer).next()).value ?? '').format).toBe(SLICE_FORMAT)
    answer.destroy()
  })

  it.each(['1', String(LATER), '0', '-2', '2.0', '02', 'two', '', '2, 3', '9'.repeat(40)])(
    'tells a sidecar that reads `%s` that it has none of that, and not that the pod is refused',
    async (format) => {
      const answer = await broker.get(SLICES, await issuer.sign(claims()), { [SLICE_FORMAT_HEADER]: format })
      const told = JSON.parse(await bodyOf(answer)) as unknown
      const reason = 'slice-format'
      expect([answer.statusCode, told]).toEqual([406, { reason, message: BROKER_REASONS[reason] }])
    },
  )

  it('tells nobody what it has who is no sidecar', async () => {
    const answer = await broker.get(SLICES, undefined, { [SLICE_FORMAT_HEADER]: '1' })
    expect([answer.statusCode, await bodyOf(answer)]).toEqual([401, expect.stringContaining('no-token')])
  })
})

it('a sidecar whose broker became one of tomorrow keeps its slice, says why, and is well when the old one is back', async () => {
  const old = await brokerOf([SLICE_FORMAT])
  const port = Number(new URL(old.url).port)
  const sidecar = client(old)
  const slice = await sidecar.first(AbortSignal.timeout(60_000))
  await old.stop()
  const next = await brokerOf([LATER], port)
  await expect
    .poll(() => policyLine(sidecar), SOON)
    .toMatch(/^policy: stale, counts for another \d+ s: .*slice-format: /)
  expect(sidecar.get()).toBe(slice)
  expect(next.log()).toContain(`it reads format ${SLICE_FORMAT}, and there is ${LATER}`)
  await next.stop()
  const back = await brokerOf([SLICE_FORMAT], port)
  await expect.poll(() => policyLine(sidecar), SOON).toBe('policy: ready')
  await sidecar.close()
  await back.stop()
})

it('a broker of tomorrow that writes both forms serves a sidecar of today', async () => {
  const both = await brokerOf([SLICE_FORMAT, LATER])
  const sidecar = client(both)
  await sidecar.first(AbortSignal.timeout(60_000))
  expect(policyLine(sidecar)).toBe('policy: ready')
  await sidecar.close()
  await both.stop()
})

it('a sidecar that has no slice yet waits, and says for what', async () => {
  const next = await brokerOf([LATER])
  const sidecar = client(next)
  await expect
    .poll(() => policyLine(sidecar), SOON)
    .toMatch(/^policy: pending: .*slice-format: the broker has no slices/)
  expect(() => sidecar.get()).toThrow(/slice-format/)
  await sidecar.close()
  await next.stop()
})
