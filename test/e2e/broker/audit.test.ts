/** Records to a broker that asks the real API server whose they are; and over a network that is really cut for a while. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBatch } from '../../../src/core/audit/delivery.ts'
import type { Entry, Who } from '../../../src/core/audit/record.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { Shipper } from '../../../src/io/audit/shipper.ts'
import { payloadOf } from '../../../src/io/service-account-token.ts'
import { deliver, POLICIES } from '../../broker/in-process.ts'
import { killBrokers, startBrokerProcess } from '../../broker/process.ts'
import { claims, makeIssuer } from '../../broker/tokens.ts'
import { WHO } from '../../io/audit/entries.ts'
import { chained, start } from '../../io/audit/logs.ts'
import { api, type Installation, install, until } from '../admission/installation.ts'
import { POD } from '../admission/restricted-pod.ts'
import { asTenant, podNamed, pods } from '../admission/tenant.ts'
import { allowMinter, type StandingBroker, startBroker, tokenFor } from './standing-broker.ts'

let folder: string
const at = (name: string) => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-audit-'))
})
afterAll(() => {
  killBrokers()
  rmSync(folder, { recursive: true, force: true })
})

describe('with tokens of the real API server', () => {
  let installation: Installation
  let broker: StandingBroker
  beforeAll(async () => {
    installation = await install()
    await allowMinter()
    broker = await startBroker(installation.ca, { args: ['--audit', at('audit'), '--audit-name', 'broker-0'] })
  }, 300_000)
  afterAll(async () => {
    await broker?.stop()
    await api.kubectl(['delete', 'pod', 'delivers-admissions', '-n', 'kerbside', '--ignore-not-found', '--now'])
    await installation?.uninstall()
  })

  const post = (lines: readonly string[], token: string) => {
    const port = Number(new URL(broker.url).port)
    return deliver({ port, ca: installation.ca, token, body: writeBatch({ acknowledged: 0, lines }), type: undefined })
  }
  const podOf = async (name: string) => {
    const { status, object } = await asTenant('POST', pods(), podNamed(name))
    expect(status, JSON.stringify(object)).toBe(201)
    return { kind: 'Pod' as const, name }
  }
  const uidIn = (token: string): string => Object(payloadOf(token))['kubernetes.io'].pod.uid
  const ofPod = (pod: string): Who => ({ ...WHO, namespace: 'ml-quant', pod, serviceAccount: 'trainer' })
  const linesOf = (uid: string, who: Who, entry?: Entry) =>
    chained(uid, [{ at: 0, entry: entry ?? start('1', { who }) }]).lines

  test('a pod delivers its own records, and those of no other', async () => {
    const token = await tokenFor({ boundTo: await podOf('delivers') })
    const other = await tokenFor({ boundTo: await podOf('delivers-too') })
    const lines = linesOf(uidIn(token), ofPod('delivers'))
    expect(await post(lines, other)).toMatchObject({ status: 422, body: { reason: 'other-pod' } })
    expect(await post(lines, token)).toEqual({ status: 200, body: { next: 1 } })
    expect(await post(lines, token)).toEqual({ status: 200, body: { next: 1 } })
  })

  test('a token of another audience, or bound to no pod, delivers nothing', async () => {
    const boundTo = await podOf('delivers-nothing')
    const foreign = await tokenFor({ boundTo, audiences: ['https://kubernetes.default.svc'] })
    expect(await post([], foreign)).toMatchObject({ status: 401, body: { reason: 'bad-token' } })
    expect(await post([], await tokenFor({}))).toMatchObject({ status: 403, body: { reason: 'not-pod-bound' } })
  })

  test('a pod that is gone delivers nothing more: what it had is on its way before it goes', async () => {
    const token = await tokenFor({ boundTo: await podOf('delivers-late') })
    await asTenant('DELETE', `${pods()}/delivers-late?gracePeriodSeconds=0`)
    await until('the pod to be gone', async () => (await asTenant('GET', `${pods()}/delivers-late`)).status === 404)
    const lines = linesOf(uidIn(token), ofPod('delivers-late'))
    expect((await post(lines, token)).status).toBe(401)
  })

  test('only a pod of the webhook delivers admissions', async () => {
    const admission: Entry = {
      kind: 'admission',
      who: ofPod('asked-for'),
      admission: { operation: 'CREATE', stage: 'mutate', effect: 'admit', reasons: [], review: 'x' },
      bundle: 'sha256:1',
    }
    const trainer = await tokenFor({ boundTo: await podOf('pretends') })
    expect(await post(linesOf(uidIn(trainer), ofPod('pretends'), admission), trainer)).toMatchObject({
      status: 422,
      body: { reason: 'other-kind' },
    })
    const name = 'delivers-admissions'
    const spec = { ...POD.spec, serviceAccountName: 'kerbside-webhook' }
    await api.apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'kerbside' }, spec }])
    const boundTo = { kind: 'Pod' as const, name }
    const webhook = await tokenFor({ namespace: 'kerbside', serviceAccount: 'kerbside-webhook', boundTo })
    const lines = linesOf(uidIn(webhook), ofPod('asked-for'), admission)
    expect(await post(lines, webhook)).toEqual({ status: 200, body: { next: 1 } })
  })
})

/** An address of our own, for documentation (RFC 5737): taking it away cuts who speaks to it, and nobody else in the lab. */
const ADDRESS = '198.51.100.7'
const ip = (verb: 'add' | 'del') => execFileSync('ip', ['address', verb, `${ADDRESS}/32`, 'dev', 'lo'])

test('a network that is cut in the middle of it costs no record and doubles none', { timeout: 240_000 }, async () => {
  ip('add')
  const issuer = await makeIssuer()
  const audit = { directory: at('cut'), name: 'broker-0' }
  const broker = await startBrokerProcess({ folder, policies: POLICIES, keys: issuer.keys, audit, host: ADDRESS })
  const sidecar = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
  writeFileSync(at('token'), await issuer.sign(claims()))
  const spool = { directory: at('spool'), sidecar }
  const log = await openAuditLog({ ...spool, who: WHO, clock: Date.now, maxBytes: 1e8 })
  const limits = { gatherMs: 5, withinMs: 2000, retry: { firstMs: 20, longestMs: 500 } }
  const to = { url: broker.url, ca: broker.ca, tokenFile: at('token'), limits, log: { warn() {}, info() {} } }
  const shipper = new Shipper({ ...to, ...spool, audit: log, now: Date.now, chance: Math.random })
  let [isOver, written] = [false, 0]
  const writing = (async () => {
    for (; !isOver; written++) {
      await log.write(start(String(written)))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })()
  const delivered = () => shipper.status().acknowledged
  const patient = { timeout: 60_000, interval: 50 }
  const unreachable = () => shipper.status().refused.get('unreachable') ?? 0

  await expect.poll(delivered, patient).toBeGreaterThan(50)
  for (const times of [2, 4]) {
    ip('del')
    await expect.poll(unreachable, patient).toBeGreaterThanOrEqual(times)
    const before = delivered()
    ip('add')
    await expect.poll(delivered, patient).toBeGreaterThan(before + 50)
  }
  isOver = true
  await writing
  await log.close()
  await expect.poll(() => delivered() === log.next(), patient).toBe(true)
  await shipper.close()
  await broker.end('SIGTERM')
  ip('del')

  const root = join(at('cut'), 'broker-0')
  const lines = readdirSync(root)
    .filter((name) => /^\d{4}-/.test(name))
    .toSorted()
    .flatMap((day) => readdirSync(join(root, day)).map((name) => readFileSync(join(root, day, name), 'utf8')))
    .flatMap((text) => text.trimEnd().split('\n'))
  const numbers = lines.map((line) => JSON.parse(line).sequence)
  expect(numbers.toSorted((one, other) => one - other)).toEqual(Array.from({ length: written + 2 }, (_, at) => at))
})
