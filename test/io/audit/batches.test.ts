/**
 * Which records share one write and one fdatasync, which do not wait for which, and what is said of those that are on their way. A
 * disk that fails and one that is slow are faked: a real one is neither when asked.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { writeSegmentName } from '../../../src/core/audit/segment-name.ts'
import { verify } from '../../../src/core/audit/verify.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import type { OpenSegment } from '../../../src/io/audit/segment.ts'
import { openSegment } from '../../../src/io/audit/segment.ts'
import { end, readLog, sha256, start, WHO } from './entries.ts'

let directory: string
const options = () => ({
  directory,
  sidecar: '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c',
  who: WHO,
  clock: () => Date.UTC(2026, 2, 2, 12),
  maxBytes: 1e9,
})

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-audit-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('writes the end of an operation together with the start of the next, in their order', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const appends: string[] = []
  const counting: OpenSegment = async (path) => {
    const real = await openSegment(path)
    return { ...real, append: (bytes) => real.append(bytes).finally(() => appends.push(bytes.toString())) }
  }
  const log = await openAuditLog(options(), counting)
  const aWhile = async () => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
  }
  await log.write(start('1'))
  await aWhile()
  const ended = log.write(end('1'))
  // The client asks for the next thing: its start does not find the end before it on its way.
  await aWhile()
  await log.write(start('2'))
  expect(appends.at(-1)).toMatch(/"kind":"end".*\n.*"kind":"start"/)
  expect((await ended).sequence).toBe(2)
  await log.close()
})

test('writes an end that nothing follows all the same', async () => {
  const log = await openAuditLog(options())
  expect((await log.write(end('1'))).sequence).toBe(1)
  expect(readLog(directory).map(({ kind }) => kind)).toEqual(['open', 'end'])
  await log.close()
})

test('shares one fdatasync among writers that come at once', async () => {
  let appends = 0
  const counting: OpenSegment = async (path) => {
    const real = await openSegment(path)
    return { ...real, append: (bytes) => real.append(bytes).finally(() => appends++) }
  }
  const log = await openAuditLog(options(), counting)
  await Promise.all(Array.from({ length: 200 }, (_, id) => log.write(start(String(id)))))
  expect(appends).toBe(2)
  expect(verify(readLog(directory), sha256)).toEqual({ whole: true, records: 201 })
  await log.close()
})

test('what a failing disk did not take fills nothing: it fails for as long as it likes, and the log has the room that it had', async () => {
  let isFailing = false
  const failing: OpenSegment = async (path) => {
    const real = await openSegment(path)
    return { ...real, append: (bytes) => (isFailing ? Promise.reject(new Error('EIO')) : real.append(bytes)) }
  }
  const log = await openAuditLog({ ...options(), maxBytes: 20_000 }, failing)
  const { bytes } = log.room()
  isFailing = true
  for (let count = 0; count < 100; count++)
    await expect(log.write(start(String(count)))).rejects.toMatchObject({ code: 'audit-unwritable' })
  expect(log.room().bytes).toBe(bytes)
  isFailing = false
  await log.write(start('after'))
  expect(log.room().bytes).toBe(
    statSync(join(directory, writeSegmentName({ sidecar: options().sidecar, number: 0 }))).size,
  )
  expect(verify(readLog(directory), sha256)).toEqual({ whole: true, records: 2 })
  await log.close()
})

test('says of no record that it is there before the disk has it: whoever sends it on could send one that is taken back', async () => {
  const held: (() => void)[] = []
  let isSlow = false
  const slow: OpenSegment = async (path) => {
    const real = await openSegment(path)
    return {
      ...real,
      async append(bytes) {
        if (isSlow) await new Promise<void>((resolve) => held.push(resolve))
        await real.append(bytes)
      },
    }
  }
  const log = await openAuditLog(options(), slow)
  const told: number[] = []
  log.onWritten(() => told.push(log.next()))
  isSlow = true
  const writing = log.write(start('1'))
  await expect.poll(() => held.length).toBe(1)
  expect(log.next()).toBe(1)
  expect(told).toEqual([])
  held[0]?.()
  await writing
  expect(log.next()).toBe(2)
  expect(told).toEqual([2])
  isSlow = false
  await log.close()
})
