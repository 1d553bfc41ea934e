/** Which records share one write and one fdatasync, and which do not wait for which. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
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
