/** Records while no broker is there, and when it comes back: what waits has a bound, is told, and is delivered once. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type OpenAuditLog, openAuditLog } from '../../../src/io/audit/log.ts'
import { Shipper } from '../../../src/io/audit/shipper.ts'
import { type Broker, startBroker } from '../../broker/in-process.ts'
import { claims, type Issuer, makeIssuer } from '../../broker/tokens.ts'
import { runCli } from '../../cli/run-cli.ts'
import { end, start, WHO } from './entries.ts'

const POD = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
const MAX_BYTES = 96 * 1024
const MINUTE = 60_000
const patient = { timeout: 60_000, interval: 20 }

let folder: string
let issuer: Issuer
let broker: Broker
let audit: OpenAuditLog
let shipper: Shipper
let now: number
let said: string[]
const at = (name: string) => join(folder, name)
const clock = () => now

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-shipper-'))
  now = Date.now()
  said = []
  issuer = await makeIssuer()
  writeFileSync(at('token'), await issuer.sign(claims()))
  broker = await startAgain()
  const spool = { directory: at('spool'), sidecar: POD }
  audit = await openAuditLog({ ...spool, who: WHO, clock, maxBytes: MAX_BYTES, segmentBytes: 8 * 1024 })
  const log = { warn: (text: string) => said.push(text), info: (text: string) => said.push(text) }
  const limits = { gatherMs: 10, withinMs: 20_000, retry: { firstMs: 10, longestMs: 50 } }
  const to = { url: broker.url, ca: broker.ca, tokenFile: at('token') }
  shipper = new Shipper({ ...to, ...spool, audit, log, now: clock, chance: Math.random, limits })
}, 60_000)
afterEach(async () => {
  await audit.close()
  await shipper.close()
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

/** On the port that it had, and with the same authority. */
const startAgain = (port?: number, name = 'broker-0'): Promise<Broker> => {
  const audit = { directory: at('audit'), name, ...(port === undefined ? {} : { port }) }
  return startBroker(issuer.keys, { tls: at('tls'), audit })
}
const portOf = ({ url }: Broker) => Number(new URL(url).port)
const isDelivered = () => expect.poll(() => shipper.status(), patient).toMatchObject({ acknowledged: audit.next() })

/** Begins operations until none begins any more; how many did. */
async function fill(): Promise<number> {
  for (let count = 0; count < 10_000; count++) {
    const refused = await audit.write(start(String(count))).then(
      () => undefined,
      (thrown: { code: string }) => thrown.code,
    )
    if (refused === undefined) continue
    expect(refused).toBe('audit-unwritable')
    return count
  }
  throw new Error('the log has no limit')
}

it('with no broker the log fills to its limit, then no operation begins; running ones end on record; when it is back all is delivered once and operations begin', {
  timeout: 120_000,
}, async () => {
  await audit.write(start('before'))
  await isDelivered()
  expect(shipper.status()).toMatchObject({ oldestAgeMs: 0, problem: undefined })
  const port = portOf(broker)
  await broker.stop()

  const begun = await fill()
  expect(begun).toBeGreaterThan(50)
  await expect(audit.write(end('0'))).resolves.toMatchObject({ kind: 'end' })
  await expect.poll(() => shipper.status().problem, patient).toMatch(/^the broker takes no records: /)
  // As long as it is away: ten minutes, by a clock that we set.
  now += 10 * MINUTE
  const waiting = shipper.status()
  expect(waiting.oldestAgeMs).toBeGreaterThanOrEqual(10 * MINUTE)
  expect(waiting.written - waiting.acknowledged).toBeGreaterThan(begun)
  expect(waiting.bytes).toBeLessThanOrEqual(waiting.maxBytes)
  expect(waiting.refused.get('unreachable')).toBeGreaterThan(0)
  const behind = /^\d+ audit records wait for a broker, the oldest for 6\d\d s; the log has taken 0\.1 of 0\.1 MB$/
  await expect.poll(() => said.filter((text) => behind.test(text)), patient).toHaveLength(1)
  await expect(audit.write(start('still not'))).rejects.toMatchObject({ code: 'audit-unwritable' })

  broker = await startAgain(port)
  await isDelivered()
  // What is delivered makes room for what comes.
  await expect(audit.write(start('again'))).resolves.toMatchObject({ kind: 'start' })
  expect(shipper.status().bytes).toBeLessThan(MAX_BYTES / 2)
  await isDelivered()
  expect(shipper.status()).toMatchObject({ oldestAgeMs: 0, problem: undefined })
  expect(said.filter((text) => text === 'audit records are delivered again')).toHaveLength(1)
  const { out } = await runCli(['audit', 'verify', at('audit')])
  expect(out).toMatch(new RegExp(`^${POD} .* ${audit.next()} records +whole, `, 'm'))
  // The broker has what is no longer here.
  const oldest = Math.min(...readdirSync(at('spool')).map((name) => Number(/-(\d+)\.ndjson$/.exec(name)?.[1])))
  expect(oldest).toBeGreaterThan(0)
})

it('says why a broker refuses, by a word from a closed list and never by what the answer says', async () => {
  await audit.write(start('1'))
  await isDelivered()
  // Somebody else's token: the chain is not named like its pod.
  const bound = {
    namespace: WHO.namespace,
    pod: { name: WHO.pod, uid: 'another' },
    serviceaccount: { name: 'trainer' },
  }
  writeFileSync(at('token'), await issuer.sign(claims({ 'kubernetes.io': bound })))
  await audit.write(start('2'))
  await expect.poll(() => shipper.status().refused.get('other-pod') ?? 0, patient).toBeGreaterThan(0)
  expect(said).toContain('the broker takes no records: HTTP 422, other-pod')
  writeFileSync(at('token'), 'not-a-token')
  await expect.poll(() => shipper.status().refused.get('bad-token') ?? 0, patient).toBeGreaterThan(0)
  writeFileSync(at('token'), await issuer.sign(claims()))
  await isDelivered()
})

it('a clock that goes back or far ahead costs no record', async () => {
  const hour = 60 * MINUTE
  for (const shift of [0, -3 * hour, 48 * hour, 0]) {
    now += shift
    await audit.write(start(String(shift)))
    await isDelivered()
  }
  expect(shipper.status().oldestAgeMs).toBe(0)
  const [day = ''] = readdirSync(at('audit/broker-0')).filter((name) => /^\d{4}/.test(name))
  // The day of the file is that of the broker: a pod does not choose where its records go.
  expect(readFileSync(join(at('audit/broker-0'), day, `${POD}-0.ndjson`), 'utf8').split('\n')).toHaveLength(6)
})
