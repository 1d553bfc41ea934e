/** What a broker takes in and what it refuses, over TLS with real tokens: each refusal by its name, in the answer, the metrics and the records. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DELIVERY_REASONS, type DeliveryReason, MAX_BATCH_BYTES, writeBatch } from '../../src/core/audit/delivery.ts'
import { fromLine } from '../../src/core/audit/line.ts'
import type { AuditRecord, Entry, Who } from '../../src/core/audit/record.ts'
import { BROKER_REASONS } from '../../src/core/reasons.ts'
import { runCli } from '../cli/run-cli.ts'
import { chained, start, who } from '../io/audit/logs.ts'
import { type Broker, type Delivered, startBroker } from './in-process.ts'
import { claims, type Issuer, makeIssuer } from './tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-route-'))
let issuer: Issuer
let broker: Broker

beforeAll(async () => {
  issuer = await makeIssuer()
  broker = await startBroker(issuer.keys, { audit: { directory: folder, name: 'broker-0' } })
}, 60_000)
afterAll(async () => {
  await broker?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Claims of a pod of its own for each test, so that each begins with a chain that nobody knows. */
let pods = 0
type Pod = { readonly uid: string; readonly who: Who; readonly claims: JWTPayload }
function freshPod(namespace = 'ml-quant', serviceAccount = 'trainer'): Pod {
  pods += 1
  const [uid, pod] = [`00000000-0000-4000-8000-${String(pods).padStart(12, '0')}`, `train-${pods}`]
  const bound = { namespace, pod: { name: pod, uid }, serviceaccount: { name: serviceAccount, uid: 'x' } }
  const sub = `system:serviceaccount:${namespace}:${serviceAccount}`
  return { uid, who: who({ namespace, pod, serviceAccount }), claims: claims({ sub, 'kubernetes.io': bound }) }
}

const linesOf = (pod: Pod, count: number, note = 'x'): string[] =>
  chained(
    pod.uid,
    Array.from({ length: count }, (_, at) => ({ at, entry: start(`${note} ${at}`, { who: pod.who }) })),
  ).lines
const deliver = async (pod: Pod, lines: readonly string[], acknowledged = 0): Promise<Delivered> =>
  broker.deliver(writeBatch({ acknowledged, lines }), await issuer.sign(pod.claims))
const counted = async (outcome: string): Promise<number> => {
  const [, count = '0'] =
    new RegExp(`batches_total\\{outcome="${outcome}"\\} (\\d+)`).exec(await broker.metrics()) ?? []
  return Number(count)
}

/** The broker's own records, which nobody waits for when they are of refusals. */
const ownRecords = (): AuditRecord[] =>
  readFileSync(join(folder, 'broker-0', 'broker-0-0.ndjson'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const read = fromLine(line)
      return 'record' in read ? [read.record] : []
    })
const onRecord = (found: (record: AuditRecord) => boolean) =>
  expect.poll(() => ownRecords().some(found), { timeout: 30_000 }).toBe(true)

/** What is on the broker's disk of a pod. */
const taken = (pod: Pod): string[] =>
  readdirSync(join(folder, 'broker-0'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes(pod.uid))
    .flatMap((name) =>
      readFileSync(join(folder, 'broker-0', name), 'utf8')
        .split('\n')
        .slice(0, -1),
    )

describe('a batch of the pod of the token', () => {
  it('is on disk when it is acknowledged, and taken once however often it comes', async () => {
    const pod = freshPod()
    const lines = linesOf(pod, 6)
    const [before, again] = [await counted('known'), await counted('again')]
    expect(await deliver(pod, lines.slice(0, 4))).toEqual({ status: 200, body: { next: 4 } })
    expect(taken(pod)).toEqual(lines.slice(0, 4))
    expect(await deliver(pod, lines.slice(0, 4))).toEqual({ status: 200, body: { next: 4 } })
    expect(await deliver(pod, lines.slice(1, 3))).toEqual({ status: 200, body: { next: 4 } })
    expect(await counted('known')).toBe(before + 2)
    expect(await deliver(pod, lines.slice(5))).toEqual({ status: 409, body: { next: 4 } })
    expect(await counted('again')).toBe(again + 1)
    expect(await deliver(pod, lines.slice(2))).toEqual({ status: 200, body: { next: 6 } })
    expect(taken(pod)).toEqual(lines)
  })

  it('that begins after a gap is taken, and the gap is on record by its numbers', async () => {
    const pod = freshPod()
    const lines = linesOf(pod, 9)
    expect((await deliver(pod, lines.slice(5), 5)).body).toEqual({ next: 9 })
    await onRecord(
      ({ kind, ...rest }) => kind === 'gap' && Object(rest).gap.of === pod.uid && Object(rest).gap.to === 5,
    )
    // Said once: what comes later does not fill it and does not repeat it.
    expect((await deliver(pod, lines.slice(5), 5)).body).toEqual({ next: 9 })
    expect(ownRecords().filter((record) => record.kind === 'gap' && record.gap.of === pod.uid)).toHaveLength(1)
  })
})

describe('a batch is refused as a whole, by name', () => {
  const short = (lines: readonly string[]) => writeBatch({ acknowledged: 0, lines })
  const forged = (pod: Pod) => linesOf(pod, 3, 'forged')
  const other = freshPod()
  const entry = (kind: Entry['kind'], pod: Pod, more: object) => ({ kind, who: pod.who, ...more }) as Entry
  const kinds: [string, (pod: Pod) => Entry][] = [
    [
      'an admission',
      (pod) => {
        const admission = { operation: 'CREATE', stage: 'mutate', effect: 'admit', reasons: [], review: 'x' }
        return entry('admission', pod, { admission, bundle: '' })
      },
    ],
    ['a release', (pod) => entry('release', pod, { release: { path: 'x', key: 'x', outcome: 'given' }, bundle: '' })],
    ['a refusal', (pod) => entry('refusal', pod, { refusal: { asked: 'slices', reason: 'bad-token', detail: '' } })],
    ['a gap', (pod) => entry('gap', pod, { gap: { of: 'x', from: 0, to: 1, detail: '' } })],
  ]

  it.each<[string, DeliveryReason, (pod: Pod) => string]>([
    ['half a line', 'half-a-line', (pod) => short(linesOf(pod, 3)).slice(0, -40)],
    ['nothing at all', 'half-a-line', () => ''],
    ['no head', 'not-a-batch', (pod) => `${linesOf(pod, 2).join('\n')}\n`],
    [
      'a line cut in the middle',
      'not-a-record',
      (pod) => short(linesOf(pod, 3).with(1, linesOf(pod, 3)[1]?.slice(0, 99) ?? '')),
    ],
    ['records of another pod', 'other-pod', () => short(linesOf(other, 3))],
    [
      'a pod that calls itself another',
      'other-pod',
      (pod) => short(chained(pod.uid, [{ at: 0, entry: start('1', { who: other.who }) }]).lines),
    ],
    ['a record that is missing', 'broken-chain', (pod) => short(linesOf(pod, 4).toSpliced(1, 1))],
    ['two that are swapped', 'broken-chain', (pod) => short([0, 2, 1].map((at) => linesOf(pod, 3)[at] ?? ''))],
    [
      'a denial that became an allow',
      'broken-chain',
      (pod) => short(linesOf(pod, 3).with(1, (linesOf(pod, 3)[1] ?? '').replace('granted', 'denied-'))),
    ],
    ['another story of the same numbers', 'forked', (pod) => short(forged(pod))],
    ['another story that goes on', 'forked', (pod) => short(linesOf(pod, 4, 'forged').slice(3))],
    ['more than a batch may be', 'too-large', (pod) => short(linesOf(pod, 3)) + 'x'.repeat(MAX_BATCH_BYTES)],
    ...kinds.map(([name, make]): [string, DeliveryReason, (pod: Pod) => string] => [
      `${name} of its own making`,
      'other-kind',
      (pod) => short(chained(pod.uid, [{ at: 0, entry: make(pod) }]).lines),
    ]),
  ])('%s: %s', async (_, reason, body) => {
    const pod = freshPod()
    const good = linesOf(pod, 3)
    await deliver(pod, good)
    const before = await counted(reason)
    const answer = await broker.deliver(body(pod), await issuer.sign(pod.claims))
    const status = reason === 'too-large' ? 413 : 422
    expect(answer).toEqual({ status, body: { reason, message: DELIVERY_REASONS[reason] } })
    expect(await counted(reason)).toBe(before + 1)
    expect(taken(pod)).toEqual(good)
    await onRecord(
      (record) =>
        record.kind === 'refusal' &&
        record.refusal.asked === 'audit' &&
        record.refusal.reason === reason &&
        record.who.pod === pod.who.pod,
    )
  })

  it('whatever is not said to be records', async () => {
    const pod = freshPod()
    const token = await issuer.sign(pod.claims)
    expect((await broker.deliver(short(linesOf(pod, 1)), token, 'text/html')).body).toMatchObject({
      reason: 'not-a-batch',
    })
    expect((await broker.deliver('{}', token, 'application/json')).status).toBe(422)
    expect(taken(pod)).toEqual([])
  })

  it('without a token, with a bad one, or one that is bound to no pod: before its body is read', async () => {
    const pod = freshPod()
    const unbound = await issuer.sign(
      claims({ 'kubernetes.io': { namespace: 'ml-quant', serviceaccount: { name: 'trainer' } } }),
    )
    const large = 'x'.repeat(MAX_BATCH_BYTES + 1)
    const stranger = await (await makeIssuer()).sign(pod.claims)
    for (const [token, status, reason] of [
      [undefined, 401, 'no-token'],
      [stranger, 401, 'bad-token'],
      [unbound, 403, 'not-pod-bound'],
    ] as const) {
      const before = await counted(reason)
      expect(await broker.deliver(large, token)).toEqual({ status, body: { reason, message: BROKER_REASONS[reason] } })
      expect(await counted(reason)).toBe(before + 1)
    }
  })
})

describe('the webhook', () => {
  const admitted = who({ pod: 'asked-for' })
  const admission: Entry = {
    kind: 'admission',
    who: admitted,
    admission: { operation: 'CREATE', stage: 'validate', effect: 'deny', reasons: ['not-allowed'], review: 'r-1' },
    bundle: 'sha256:1',
  }
  const chainOf = (pod: Pod, entries: readonly Entry[]) =>
    chained(
      pod.uid,
      entries.map((entry, at) => ({ at, entry })),
    ).lines

  it('delivers admissions of other pods, in a chain of its own pod', async () => {
    const pod = freshPod('kerbside', 'kerbside-webhook')
    const lines = chainOf(pod, [{ kind: 'open', who: pod.who, detail: 'x' }, admission])
    expect(await deliver(pod, lines)).toEqual({ status: 200, body: { next: 2 } })
  })

  it('says of nobody that an operation began, and is no other pod in what is of itself', async () => {
    const pod = freshPod('kerbside', 'kerbside-webhook')
    expect((await deliver(pod, chainOf(pod, [start('1', { who: pod.who })]))).body).toMatchObject({
      reason: 'other-kind',
    })
    const opened: Entry = { kind: 'open', who: admitted, detail: 'x' }
    expect((await deliver(pod, chainOf(pod, [opened]))).body).toMatchObject({ reason: 'other-pod' })
  })

  it('is no other service account of its namespace, and none of its name elsewhere', async () => {
    for (const pod of [freshPod('kerbside', 'kerbside-review'), freshPod('ml-quant', 'kerbside-webhook')])
      expect((await deliver(pod, chainOf(pod, [admission]))).body).toMatchObject({ reason: 'other-kind' })
  })
})

it('does not let a stranger who is loud hide what a pod did', async () => {
  const pod = freshPod()
  // Enough for one minute, even where another begins meanwhile.
  for (let count = 0; count < 140; count++) await broker.deliver('')
  await deliver(pod, linesOf(other(), 1))
  await onRecord((record) => record.kind === 'refusal' && record.who.pod === pod.who.pod)
  const strangers = ownRecords().filter((record) => record.kind === 'refusal' && record.refusal.reason === 'no-token')
  expect(strangers.length).toBeLessThan(140)
  expect(strangers.some((record) => JSON.stringify(record).includes('are only counted'))).toBe(true)
})
const other = () => freshPod()

it('leaves chains that are whole, its own among them', async () => {
  const { out } = await runCli(['audit', 'verify', join(folder, 'broker-0')])
  // The one with a gap on purpose.
  expect(out).toMatch(/: .*1 (broken|with a gap)/)
  expect(out).toMatch(/^broker-0 .*whole/m)
})
