/** A stand-in for the broker: a real one does not lose what it took, claim what it never got, or answer in another's words. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Batch, readBatch } from '../../../src/core/audit/delivery.ts'
import { headOf } from '../../../src/core/audit/glimpse.ts'
import { type OpenAuditLog, openAuditLog } from '../../../src/io/audit/log.ts'
import { Shipper } from '../../../src/io/audit/shipper.ts'
import { issueLeaf } from '../../../src/io/tls/certificates.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'
import { start, WHO } from './entries.ts'

const POD = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
const patient = { timeout: 60_000, interval: 10 }
const MAX_BYTES = 256 * 1024

type Answer = { readonly status: number; readonly body: string }
type Asked = { readonly acknowledged: number; readonly from: number | undefined; readonly count: number }

let folder: string
let audit: OpenAuditLog
let server: Server
let ca: string
let shipper: Shipper | undefined
const asked: Asked[] = []
/** Each answers one batch; those after them say what is true. */
let answers: Answer[]
const said: string[] = []

const at = (name: string) => join(folder, name)
const next = (number: number, status = 200): Answer => ({ status, body: JSON.stringify({ next: number }) })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-shipper-'))
  answers = []
  asked.length = 0
  said.length = 0
  writeFileSync(at('token'), 'a.b.c')
  audit = await openLog()
  const authority = await makeAuthority()
  ca = authority.certificatePem
  const { keyPem: key, certificatePem: cert } = await issueLeaf(authority, ['127.0.0.1'], Date.now())
  server = createServer({ key, cert }, async (request, response) => {
    const batch = readBatch(await text(request)) as Batch
    const from = headOf(batch.lines[0] ?? '')?.sequence
    asked.push({ acknowledged: batch.acknowledged, from, count: batch.lines.length })
    const { status, body } = answers.shift() ?? next((from ?? batch.acknowledged) + batch.lines.length)
    response.writeHead(status).end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
}, 60_000)
afterEach(async () => {
  await shipper?.close()
  shipper = undefined
  await audit.close()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const openLog = () =>
  openAuditLog({
    ...{ directory: at('spool'), sidecar: POD, who: WHO, clock: Date.now },
    ...{ maxBytes: MAX_BYTES, segmentBytes: 8 * 1024 },
  })

function begin(): Shipper {
  const log = { warn: (one: string) => said.push(one), info: () => {} }
  shipper = new Shipper({
    ...{ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca, tokenFile: at('token'), audit, log },
    ...{ directory: at('spool'), sidecar: POD, now: Date.now, chance: () => 0 },
    limits: { gatherMs: 5, retry: { firstMs: 5, longestMs: 5 } },
  })
  return shipper
}
async function write(count: number): Promise<void> {
  for (let one = 0; one < count; one += 1) await audit.write(start(String(one)))
}
const isDelivered = () => expect.poll(() => shipper?.status().acknowledged, patient).toBe(audit.next())

it('to be asked for a later record acknowledges none, and to be asked for an earlier one does not take back what was', async () => {
  await write(5)
  const end = audit.next()
  // One that already has three, by its own word; then one that lost all that another took.
  answers = [next(3, 409), next(end)]
  begin()
  await isDelivered()
  expect(asked).toEqual([
    { acknowledged: 0, from: 0, count: end },
    { acknowledged: 0, from: 3, count: end - 3 },
  ])
  answers = [next(0, 409)]
  await write(1)
  await isDelivered()
  expect(asked.slice(2)).toEqual([
    { acknowledged: end, from: end, count: 1 },
    { acknowledged: end, from: end, count: 1 },
  ])
})

it('a broker that says it has what was never written is not believed', async () => {
  await write(3)
  answers = [next(audit.next() + 1), next(audit.next() + 1, 409)]
  begin()
  await isDelivered()
  expect(said).toEqual([expect.stringContaining(`a broker has numbers up to ${audit.next()} of ours`)])
  expect(asked.map(({ acknowledged, from }) => [acknowledged, from])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ])
})

it.each([
  ['another status', next(4, 201)],
  ['a redirect', next(4, 307)],
  ['an error', next(4, 500)],
  ['a refusal', next(4, 403)],
  ['no JSON', { status: 200, body: 'next: 4' }],
  ['no number', { status: 200, body: '{"next":"4"}' }],
  ['no whole number', { status: 200, body: '{"next":3.5}' }],
  ['a number below nothing', { status: 200, body: '{"next":-1}' }],
  ['nothing', { status: 200, body: '' }],
  ['no object', { status: 200, body: 'null' }],
] as const)('%s acknowledges nothing', async (_, answer) => {
  await write(3)
  answers = [answer, answer]
  begin()
  await isDelivered()
  expect(asked.map(({ acknowledged, from }) => [acknowledged, from])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ])
})

it('a sidecar that begins again where old segments are gone goes on with those that are there', async () => {
  await write(60)
  await audit.forget(0)
  await audit.close()
  audit = await openLog()
  begin()
  await isDelivered()
  expect(asked[0]?.from).toBeGreaterThan(0)
  expect(asked[0]).toMatchObject({ acknowledged: asked[0]?.from })
})

it('delivered segments are removed only as far as room is wanted', async () => {
  begin()
  for (let round = 0; round < 40; round += 1) {
    await write(10)
    await isDelivered()
  }
  // A record is of 600 bytes or so: without removing any it would be more than there is room for.
  expect(audit.next() * 600).toBeGreaterThan(MAX_BYTES / 2)
  const { bytes } = audit.room()
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES / 2 + 8 * 1024)
  expect(bytes).toBeGreaterThan(MAX_BYTES / 2 - 16 * 1024)
})

it('who ends sends what is left first, and says how much no broker took', async () => {
  const own = begin()
  await isDelivered()
  await write(4)
  await own.close()
  expect(own.status().acknowledged).toBe(audit.next())
  const other = begin()
  await isDelivered()
  answers = Array.from({ length: 999 }, () => ({ status: 503, body: '' }))
  await write(4)
  await other.close()
  expect(other.status().acknowledged).toBe(audit.next() - 4)
  expect(said.at(-1)).toMatch(/^4 audit records are not delivered: the broker takes no records: HTTP 503/)
})
