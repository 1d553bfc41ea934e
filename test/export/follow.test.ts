/** What is followed: each record once, whatever brokers, disks and crashes do to the files, and a place in them that is kept. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { fromLine } from '../../src/core/audit/line.ts'
import { openCursor } from '../../src/export/cursor.ts'
import { nextBatch } from '../../src/export/follow.ts'
import { chainOf, clock, DAY, temporaryFolder, write } from './broker-folder.ts'

const DAY_MS = 86_400_000
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function world() {
  const root = temporaryFolder()
  folders.push(root)
  mkdirSync(join(root, 'records'))
  return { records: join(root, 'records'), state: join(root, 'cursor') }
}

/** All that is new, as `SIDECAR/SEQUENCE`, read by a program that was started for it and is ended afterwards. */
async function readNew({ records: directory, state }: ReturnType<typeof world>, now = clock, batchBytes = 4096) {
  const cursor = await openCursor(state)
  const names: string[] = []
  const days = new Set<string>()
  let unreadable = 0
  for (;;) {
    const next = await nextBatch({ directory, position: cursor.position, batchBytes, clock: now })
    unreadable += next.unreadable
    for (const { line, day } of next.batch.records) {
      const read = fromLine(line)
      if ('record' in read) names.push(`${read.record.sidecar}/${read.record.sequence}`)
      days.add(day)
    }
    if (next.step === undefined) break
    await cursor.commit(next.step)
  }
  await cursor.close()
  return { names, days: [...days], unreadable, position: cursor.position }
}

const numbered = (sidecar: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `${sidecar}/${from + at}`)

test('records are read once, a batch at a time, also after a restart', async () => {
  const at = world()
  const lines = chainOf('pod-a', 50)
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(0, 30), first: 0 })
  expect(await readNew(at)).toMatchObject({ names: numbered('pod-a', 0, 30), days: [DAY] })
  expect((await readNew(at)).names).toEqual([])
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(30), first: 0 })
  expect((await readNew(at)).names).toEqual(numbered('pod-a', 30, 50))
})

test('what two brokers both have is read once, and what comes later in between too', async () => {
  const at = world()
  const lines = chainOf('pod-a', 30)
  write(at.records, { broker: 'broker-1', sidecar: 'pod-a', lines: lines.slice(20), first: 20 })
  expect((await readNew(at)).names).toEqual(numbered('pod-a', 20, 30))
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(0, 25), first: 0 })
  expect((await readNew(at)).names).toEqual(numbered('pod-a', 0, 20))
})

test('half a line waits for its end, and a damaged one is passed over and counted', async () => {
  const at = world()
  const [one = '', two = '', three = '', four = ''] = chainOf('pod-a', 4)
  const file = write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: [one], first: 0 })
  appendFileSync(file, `${two.replace('quant', 'qu\u0000nt')}\n${three}\n${four.slice(0, 99)}`)
  expect(await readNew(at)).toMatchObject({ names: ['pod-a/0', 'pod-a/2'], unreadable: 1 })
  appendFileSync(file, Buffer.concat([Buffer.from(`${four.slice(99)}\n`), Buffer.from([0xff, 0xfe, 0x0a])]))
  appendFileSync(file, `${'x'.repeat(3 << 20)}\n${chainOf('pod-a', 5)[4]}\n`)
  expect(await readNew(at)).toMatchObject({ names: ['pod-a/3', 'pod-a/4'], unreadable: 2 })
})

test('a file that its broker cut back, and wrote on otherwise, loses nothing', async () => {
  const at = world()
  const lines = chainOf('pod-a', 10)
  const file = write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines, first: 0 })
  await readNew(at)
  truncateSync(file, Buffer.byteLength(`${lines.slice(0, 4).join('\n')}\n`))
  expect((await readNew(at)).names).toEqual([])
  appendFileSync(file, `${lines.slice(4).join('\n')}\n${chainOf('pod-b', 20).join('\n')}\n`)
  expect((await readNew(at)).names).toEqual(numbered('pod-b', 0, 20))
})

test('a day that is long over is not looked into again, and what is gone is forgotten', async () => {
  const at = world()
  const file = write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: chainOf('pod-a', 3), first: 0 })
  appendFileSync(file, 'never finis')
  const later = (days: number) => () => clock() + days * DAY_MS
  expect((await readNew(at, later(1))).position.files.size).toBe(1)
  const closed = await readNew(at, later(3))
  expect([...closed.position.closed]).toEqual([`broker-0/${DAY}`])
  expect(closed.position.files.size).toBe(0)
  expect(closed.position.chains.size).toBe(1)
  expect((await readNew(at, later(3))).names).toEqual([])
  rmSync(join(at.records, 'broker-0'), { recursive: true })
  const gone = await readNew(at, later(20))
  expect([gone.position.closed.size, gone.position.chains.size]).toEqual([0, 0])
})

test('a day that is long over is read to its end first, however many batches that takes', async () => {
  const at = world()
  const pods = ['pod-a', 'pod-b', 'pod-c']
  for (const sidecar of pods) write(at.records, { broker: 'broker-0', sidecar, lines: chainOf(sidecar, 20), first: 0 })
  const { names, position } = await readNew(at, () => clock() + 9 * DAY_MS)
  expect(names).toEqual(pods.flatMap((sidecar) => numbered(sidecar, 0, 20)))
  expect([...position.closed]).toEqual([`broker-0/${DAY}`])
})

test('a chain that comes again after many days is known from before', async () => {
  const at = world()
  const lines = chainOf('pod-a', 20)
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(0, 10), first: 0 })
  await readNew(at)
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(10), first: 10, day: '2026-03-12' })
  const { names, position } = await readNew(at, () => clock() + 10 * DAY_MS)
  expect(names).toEqual(numbered('pod-a', 10, 20))
  expect(position.chains.get('pod-a')?.ranges).toEqual([[0, 20]])
})

test('a journal whose last line has no end is the one before it; another file is none', async () => {
  const at = world()
  const lines = chainOf('pod-a', 20)
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(0, 10), first: 0 })
  const { position } = await readNew(at)
  const before = readFileSync(at.state, 'utf8')
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(10), first: 0 })
  await readNew(at)
  const grown = readFileSync(at.state, 'utf8')
  expect(grown.length).toBeGreaterThan(before.length)
  writeFileSync(at.state, grown.slice(0, -20))
  expect((await readNew(at)).names).toEqual(numbered('pod-a', 10, 20))
  expect(position.batch).toBeGreaterThan(0)
  writeFileSync(at.state, '{"batch":"many"}\n')
  await expect(openCursor(at.state)).rejects.toMatchObject({ code: 'io-failed' })
})
