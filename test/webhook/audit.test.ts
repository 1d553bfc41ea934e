/** Decisions on record: what of a pod stands there and what never does, how they come to a real broker, and what happens when nothing takes them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fromLine } from '../../src/core/audit/line.ts'
import type { AuditRecord } from '../../src/core/audit/record.ts'
import type { Verdict } from '../../src/core/identity/admission.ts'
import { admissionEntry } from '../../src/core/identity/admission-entry.ts'
import type { JsonObject } from '../../src/core/identity/json.ts'
import { type AuditParts, openWebhookAudit, type WebhookAudit } from '../../webhook/audit.ts'
import { judge } from '../../webhook/judge.ts'
import { ownPod } from '../../webhook/own-pod.ts'
import { startBroker } from '../broker/in-process.ts'
import { claims, claimsOf, makeIssuer } from '../broker/tokens.ts'
import { BUNDLE, POD } from '../core/identity/world.ts'
import { normal, review } from './in-process.ts'

const LIMIT_MS = 60_000
const UID = '5b0c2a53-3a84-4c0a-a77c-1f1f5f2f0b0d'
const NOBODY = { broker: 'https://127.0.0.1:1', ca: () => '' }
let folder: string
let said: string
let counted: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-admissions-'))
  said = ''
  counted = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const log = pino({}, { write: (line: string) => (said += line) })

async function open(token: string, more: Pick<AuditParts, 'broker' | 'ca' | 'limits'>): Promise<WebhookAudit> {
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, token)
  const directory = join(folder, 'audit')
  const limits = { gatherMs: 5, ...more.limits }
  const pod = await ownPod(tokenFile)
  const metrics = {
    recordsLost(count: number) {
      counted += count
    },
  }
  return openWebhookAudit({
    directory,
    tokenFile,
    pod,
    log,
    metrics,
    clock: Date.now,
    chance: Math.random,
    ...more,
    limits,
  })
}

/** As `main` joins them. */
function decide(audit: WebhookAudit, body: string, stage: 'mutate' | 'validate' = 'mutate', evaluate = normal): void {
  judge(Buffer.from(body), stage, {
    log,
    metrics: { decided: () => {} },
    evaluate,
    record(decided) {
      const entry = admissionEntry(decided, BUNDLE)
      if (entry !== undefined) audit.record(entry)
    },
  })
}

const records = (): AuditRecord[] =>
  readdirSync(join(folder, 'audit'))
    .flatMap((file) =>
      readFileSync(join(folder, 'audit', file), 'utf8')
        .split('\n')
        .slice(0, -1),
    )
    .flatMap((line) => {
      const read = fromLine(line)
      return 'record' in read ? [read.record] : []
    })
const admissions = () => records().filter((record) => record.kind === 'admission')
const webhookToken = async () => (await makeIssuer()).sign(claimsOf('kerbside', 'kerbside-webhook'))

const SECRET = 'hunter2-in-the-environment'
const pod = (metadata: JsonObject): JsonObject => ({
  ...POD,
  metadata: { ...(POD['metadata'] as JsonObject), annotations: { note: SECRET }, ...metadata },
})

test(
  'who asked, for what, and what was said; nothing else that a pod holds',
  async () => {
    const audit = await open(await webhookToken(), NOBODY)
    const ownerReferences = [{ kind: 'Job', name: 'train', controller: true }]
    decide(audit, review(pod({ generateName: 'train-', name: null, ownerReferences })))
    decide(audit, review({ ...pod({ name: 'bad' }), spec: { ...Object(POD['spec']), hostNetwork: true } }))
    await audit.close()
    expect(admissions()).toMatchObject([
      {
        sidecar: UID,
        who: { identity: 'quant-research', principal: 'quant-research@LAB', pod: 'train-', serviceAccount: 'trainer' },
        admission: { operation: 'CREATE', stage: 'mutate', effect: 'admit', reasons: [], review: 'u-1' },
        bundle: BUNDLE.hash,
      },
      {
        who: { identity: 'quant-research', principal: '', team: '', pod: 'bad' },
        admission: { effect: 'deny', reasons: ['host-network'] },
      },
    ])
    expect(admissions()[0]?.who.owner).toEqual({ kind: 'Job', name: 'train' })
    expect(JSON.stringify(records())).not.toContain(SECRET)
  },
  LIMIT_MS,
)

test(
  'a dry run, and an update that was let through, are not on record; one that was refused is',
  async () => {
    const audit = await open(await webhookToken(), NOBODY)
    decide(audit, review(POD, { dryRun: true }))
    const admit: Verdict = { effect: 'admit', identity: 'quant-research', patch: [], warnings: [] }
    decide(audit, review(POD, { operation: 'UPDATE', oldObject: POD }), 'validate', () => admit)
    decide(audit, review(pod({ labels: {} }), { operation: 'UPDATE', oldObject: POD }), 'validate')
    await audit.close()
    expect(admissions()).toMatchObject([{ admission: { operation: 'UPDATE', effect: 'deny' } }])
  },
  LIMIT_MS,
)

test.each([
  ['a pod that is none', []],
  ['names of other types', { metadata: { name: 7, labels: [], ownerReferences: 'x' }, spec: 'x' }],
  [
    'names that would end a line, or are as long as a book',
    { metadata: { name: 'a\n{"b"', generateName: 'x'.repeat(1e6) } },
  ],
  ['a lone surrogate', { metadata: { name: '\ud800', labels: { 'kerbside.io/identity': '\ud800' } } }],
])(
  '%s is a record all the same, without what no name can be',
  async (_, object) => {
    const audit = await open(await webhookToken(), NOBODY)
    decide(audit, review(object))
    await audit.close()
    expect(admissions()).toMatchObject([{ who: { pod: '', identity: '' }, admission: { effect: 'deny' } }])
    expect(audit.lost()).toBe(0)
  },
  LIMIT_MS,
)

test(
  'a real broker has them all, in their order, and takes them from no other service account',
  async () => {
    const issuer = await makeIssuer()
    const broker = await startBroker(issuer.keys, { audit: { directory: join(folder, 'broker'), name: 'broker-0' } })
    try {
      const audit = await open(await issuer.sign(claimsOf('kerbside', 'kerbside-webhook')), {
        broker: broker.url,
        ca: () => broker.ca,
      })
      for (let number = 0; number < 20; number += 1) decide(audit, review(POD, { uid: `u-${number}` }))
      await audit.close()
      const taken = readdirSync(join(folder, 'broker'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.includes(UID))
        .map((file) => readFileSync(join(folder, 'broker', file), 'utf8'))
        .join('')
      const reviews = [...taken.matchAll(/"review":"(u-\d+)"/g)].map(([, uid]) => uid)
      expect(reviews).toEqual(Array.from({ length: 20 }, (__, number) => `u-${number}`))

      rmSync(join(folder, 'audit'), { recursive: true })
      const other = await open(await issuer.sign(claims()), { broker: broker.url, ca: () => broker.ca })
      decide(other, review(POD))
      await other.close()
      expect(await broker.metrics()).toMatch(/batches_total\{outcome="other-kind"\} [1-9]/)
    } finally {
      await broker.stop()
    }
  },
  LIMIT_MS,
)

test(
  'a decision neither fails nor waits when no more can be taken: what is lost is counted and said',
  async () => {
    const audit = await open(await webhookToken(), { ...NOBODY, limits: { gatherMs: 60_000, mostWaiting: 3 } })
    for (let number = 0; number < 5; number += 1) decide(audit, review(POD))
    await audit.close()
    expect([audit.lost(), admissions().length]).toEqual([2, 3])
    expect(counted).toBe(2)
    expect(said).toContain('decisions are not on record')
  },
  LIMIT_MS,
)

test(
  'a full disk takes none, and admission goes on',
  async () => {
    const audit = await open(await webhookToken(), { ...NOBODY, limits: { maxBytes: 2000 } })
    for (let number = 0; number < 20; number += 1) decide(audit, review(POD))
    await audit.close()
    expect(audit.lost()).toBeGreaterThan(0)
    expect(admissions().length + audit.lost()).toBe(20)
    expect(counted).toBe(audit.lost())
  },
  LIMIT_MS,
)

test('a token that is bound to no pod is refused before anything is served', async () => {
  writeFileSync(join(folder, 'token'), await (await makeIssuer()).sign(claims({ 'kubernetes.io': { namespace: 'n' } })))
  await expect(ownPod(join(folder, 'token'))).rejects.toMatchObject({ code: 'bad-settings' })
})
