/** What stands on the disk of a broker when it was killed, was full, or changed its day: what was acknowledged, once, and nothing else is built on. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directorySink } from '../../src/broker/audit/directory-sink.ts'
import { auditIntake, type Intake } from '../../src/broker/audit/intake.ts'
import { writeBatch } from '../../src/core/audit/delivery.ts'
import type { Entry } from '../../src/core/audit/record.ts'
import { chained, NOON, start, who } from '../io/audit/logs.ts'
import { canMount, mountSmallDisk, type SmallDisk } from '../io/audit/small-disk.ts'

const POD = 'pod-a'
const DAY_MS = 86_400_000
const { namespace, pod, serviceAccount } = who()
const WRITER = { program: 'sidecar' as const, podUid: POD, namespace, pod, serviceAccount }
const entry = (at: number): Entry => start(String(at))
const { lines } = chained(
  POD,
  Array.from({ length: 12 }, (_, at) => ({ at, entry: entry(at) })),
)

let root: string
let now: number
let closing: (() => Promise<void>)[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kerbside-sink-'))
  now = NOON
  closing = []
})
afterEach(async () => {
  for (const close of closing) await close()
  rmSync(root, { recursive: true, force: true })
})

/** As a broker that begins: it knows what is on disk, and nothing else. */
async function begin(folder = root, segmentBytes?: number): Promise<Intake> {
  const size = segmentBytes === undefined ? {} : { segmentBytes }
  const sink = await directorySink({ root: folder, clock: () => now, ...size })
  closing.push(() => sink.close())
  return auditIntake({ sink, onTaken() {} })
}
const take = (intake: Intake, from: number, to: number, acknowledged = from) =>
  intake.take(Buffer.from(writeBatch({ acknowledged, lines: lines.slice(from, to) })), WRITER)
const files = (folder = root) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .toSorted((one, other) =>
      dirname(one) === dirname(other) ? numberOf(one) - numberOf(other) : one < other ? -1 : 1,
    )
const numberOf = (name: string) => Number(/-(\d+)\.ndjson$/.exec(name)?.[1])
const onDisk = (folder = root) =>
  files(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')
const text = (from: number, to: number) =>
  lines
    .slice(from, to)
    .map((line) => `${line}\n`)
    .join('')

describe('a broker that was killed while it wrote', () => {
  // Whatever fdatasync had brought to the disk by then: any part of the batch.
  const cuts = [0, 1, 200, text(3, 4).length - 1, text(3, 4).length, text(3, 5).length - 7, text(3, 6).length]

  it.each(cuts)('after %d bytes of a batch has what it had acknowledged, and takes the rest once', async (bytes) => {
    expect(await take(await begin(), 0, 3)).toEqual({ next: 3, fresh: 3 })
    const [file = ''] = files()
    writeFileSync(join(root, file), text(0, 3) + text(3, 6).slice(0, bytes))
    const again = await begin()
    expect(await take(again, 3, 6)).toMatchObject({ next: 6 })
    expect(onDisk()).toBe(text(0, 6))
    expect(await take(again, 6, 8)).toEqual({ next: 8, fresh: 2 })
    expect(onDisk()).toBe(text(0, 8))
  })

  it.each([0, 1, 200])('after %d bytes of the first batch of another day knows what it had before', async (bytes) => {
    await take(await begin(), 0, 3)
    now += DAY_MS
    mkdirSync(join(root, '2026-03-03'))
    writeFileSync(join(root, '2026-03-03', `${POD}-3.ndjson`), text(3, 6).slice(0, bytes))
    const again = await begin()
    // What comes again from before is not taken twice, and there is no gap.
    expect(await take(again, 1, 6, 1)).toEqual({ next: 6, fresh: 3 })
    expect(onDisk()).toBe(text(0, 6))
  })

  it('before a line of all was whole knows nothing of the chain, and takes it from its beginning', async () => {
    mkdirSync(join(root, '2026-03-02'))
    writeFileSync(join(root, '2026-03-02', `${POD}-0.ndjson`), text(0, 1).slice(0, 50))
    expect(await take(await begin(), 0, 3)).toEqual({ next: 3, fresh: 3 })
    expect(onDisk()).toBe(text(0, 3))
  })
})

it('who begins again goes on from the newest day, however many there were', async () => {
  for (let at = 0; at < lines.length; at += 1) {
    expect(await take(await begin(), at, at + 1)).toMatchObject({ next: at + 1 })
    now += 9 * DAY_MS
  }
  expect(onDisk()).toBe(text(0, lines.length))
})

it('takes no bytes that are read as another text than they are: what is on disk is what was hashed', async () => {
  const { lines: told } = chained(POD, [{ at: 0, entry: start('1', { what: { path: '/\ufffd' } }) }])
  const body = Buffer.from(writeBatch({ acknowledged: 0, lines: told }))
  const at = body.indexOf('\ufffd')
  const bad = Buffer.concat([body.subarray(0, at), Buffer.from([0xff]), body.subarray(at + 3)])
  expect(bad.toString()).toBe(body.toString())
  const intake = await begin()
  expect(await intake.take(bad, WRITER)).toMatchObject({ rejected: 'not-a-record' })
  expect(files()).toEqual([])
  expect(await intake.take(body, WRITER)).toEqual({ next: 1, fresh: 1 })
  expect(onDisk()).toBe(`${told[0]}\n`)
})

describe('two batches of one pod at once', () => {
  it('are taken one after the other', async () => {
    const intake = await begin()
    const both = await Promise.all([take(intake, 0, 4), take(intake, 4, 8), take(intake, 8, 12)])
    expect(both.map((one) => Object(one).next)).toEqual([4, 8, 12])
    expect(onDisk()).toBe(text(0, 12))
  })

  it('that are the same are taken once', async () => {
    const intake = await begin()
    const both = await Promise.all([take(intake, 0, 4), take(intake, 0, 4, 0)])
    expect(both).toEqual([
      { next: 4, fresh: 4 },
      { next: 4, fresh: 0 },
    ])
    expect(onDisk()).toBe(text(0, 4))
  })
})

describe('a file', () => {
  it('is of one day, and has no number missing', async () => {
    const intake = await begin()
    await take(intake, 0, 2)
    await take(intake, 2, 4)
    now += DAY_MS
    await take(intake, 4, 6)
    await take(intake, 8, 10)
    expect(files()).toEqual(['2026-03-02/pod-a-0.ndjson', '2026-03-03/pod-a-4.ndjson', '2026-03-03/pod-a-8.ndjson'])
    expect(onDisk()).toBe(text(0, 6) + text(8, 10))
    // The newest by its number, also for who begins again.
    expect(await take(await begin(), 9, 12, 9)).toEqual({ next: 12, fresh: 2 })
    expect(files()).toHaveLength(3)
  })

  it('is followed by another when it is large; who begins again goes on in the newest by number, not by name', async () => {
    let intake = await begin(root, 1)
    for (let from = 0; from < 11; from++) await take(intake, from, from + 1)
    expect(files().map(numberOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    intake = await begin()
    expect(await take(intake, 10, 12, 10)).toEqual({ next: 12, fresh: 1 })
    expect(readFileSync(join(root, '2026-03-02', `${POD}-10.ndjson`), 'utf8')).toBe(text(10, 12))
  })

  it('is as large as it was for whoever begins again', async () => {
    await take(await begin(root, 1), 0, 2)
    await take(await begin(root, 1), 2, 4)
    expect(files().map(numberOf)).toEqual([0, 2])
  })

  it('that somebody changed at its end takes nothing more', async () => {
    await take(await begin(), 0, 3)
    const [file = ''] = files()
    writeFileSync(join(root, file), text(0, 3).replace('"operationId":"2"', '"operationId":"3"'))
    await expect(take(await begin(), 3, 6)).rejects.toMatchObject({ code: 'audit-unwritable' })
  })
})

describe.runIf(canMount)('a disk that is full', () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = mountSmallDisk(16)
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    disk.unmount()
  })

  it('has only whole batches that were acknowledged; once there is room again all comes, once', async () => {
    const intake = await begin(join(disk.path, 'audit'))
    expect(await take(intake, 0, 3)).toEqual({ next: 3, fresh: 3 })
    const ballast = join(disk.path, 'ballast')
    expect(() => writeFileSync(ballast, Buffer.alloc(65_536))).toThrow(/ENOSPC/)
    for (let count = 0; count < 3; count++) {
      await expect(take(intake, 3, 12)).rejects.toMatchObject({ code: 'audit-unwritable' })
      expect(onDisk(join(disk.path, 'audit'))).toBe(text(0, 3))
    }
    truncateSync(ballast, 0)
    // What could not even be taken back then is no line to go on after.
    const [file = ''] = files(join(disk.path, 'audit'))
    writeFileSync(join(disk.path, 'audit', file), text(3, 4).slice(0, 99), { flag: 'a' })
    expect(await take(intake, 3, 8)).toEqual({ next: 8, fresh: 5 })
    expect(await take(intake, 2, 12, 2)).toEqual({ next: 12, fresh: 4 })
    expect(onDisk(join(disk.path, 'audit'))).toBe(text(0, 12))
  })
})
