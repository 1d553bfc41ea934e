/** The sidecar's log after a sudden end: what it said was written is there, it goes on from that, and over nothing that is wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../../../src/core/audit/verify.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { readLog, sha256, start, WHO } from './entries.ts'

const SIDECAR = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
const NOON = Date.UTC(2026, 2, 2, 12)
let directory: string
const options = (more: { directory?: string; maxBytes?: number; sidecar?: string } = {}) => ({
  directory,
  sidecar: SIDECAR,
  who: WHO,
  clock: () => NOON,
  maxBytes: 1e9,
  ...more,
})
const file = () => join(directory, `${SIDECAR}-0.ndjson`)
const codeOf = (thrown: unknown) => (thrown instanceof KerbsideError ? thrown.code : thrown)
const refusal = (promise: Promise<unknown>) => promise.then(() => 'written', codeOf)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-audit-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('after a sudden end', () => {
  it('cuts off a line that was never finished, and says so in a record', async () => {
    const log = await openAuditLog(options())
    await log.write(start('1'))
    await log.close()
    appendFileSync(file(), '{"format":1,"sidecar":"0b1f')
    const again = await openAuditLog(options())
    await again.close()
    const records = readLog(directory)
    expect(records[3]).toMatchObject({
      detail: 'continued after number 2; cut off 27 bytes of a line that was never finished',
    })
    expect(verify(records, sha256)).toEqual({ whole: true, records: 5 })
  })

  it('cuts off the very first line when even that was never finished', async () => {
    writeFileSync(file(), '{"format"')
    const log = await openAuditLog(options())
    await log.close()
    expect(readLog(directory)[0]).toMatchObject({
      sequence: 0,
      detail: 'started; cut off 9 bytes of a line that was never finished',
    })
  })

  it('cuts off zeros, which some file systems leave', async () => {
    const log = await openAuditLog(options())
    await log.close()
    appendFileSync(file(), Buffer.alloc(100_000))
    const again = await openAuditLog(options())
    await again.close()
    expect(verify(readLog(directory), sha256)).toEqual({ whole: true, records: 4 })
  })

  it('goes on from the segment before when the newest is still empty', async () => {
    const log = await openAuditLog(options())
    await log.close()
    writeFileSync(join(directory, `${SIDECAR}-1.ndjson`), '')
    const again = await openAuditLog(options())
    await again.close()
    expect(verify(readLog(directory), sha256)).toEqual({ whole: true, records: 4 })
    expect(statSync(join(directory, `${SIDECAR}-1.ndjson`)).size).toBeGreaterThan(0)
  })

  it.each([
    ['changed', (text: string) => text.replace(/stopped/, 'stOpped')],
    ['not a record', (text: string) => `${text}{}\n`],
    ['empty', (text: string) => `${text}\n`],
  ])('never goes on over a last record that is %s', async (_, damage) => {
    const log = await openAuditLog(options())
    await log.close()
    const before = damage(readFileSync(file(), 'utf8'))
    writeFileSync(file(), before)
    expect(await refusal(openAuditLog(options()))).toBe('audit-unwritable')
    expect(readFileSync(file(), 'utf8')).toBe(before)
  })

  it('never goes on over a record of another sidecar, however right that is by itself', async () => {
    const other = '9b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
    await (await openAuditLog(options())).close()
    await (await openAuditLog(options({ sidecar: other }))).close()
    const theirs = readFileSync(join(directory, `${other}-0.ndjson`), 'utf8')
    appendFileSync(file(), theirs.slice(theirs.lastIndexOf('\n', theirs.length - 2) + 1))
    const before = readFileSync(file(), 'utf8')
    expect(await refusal(openAuditLog(options()))).toBe('audit-unwritable')
    expect(readFileSync(file(), 'utf8')).toBe(before)
  })

  it('never cuts off what is longer than any line: nobody of ours wrote that', async () => {
    await (await openAuditLog(options())).close()
    appendFileSync(file(), 'x'.repeat(5 << 20))
    const { size } = statSync(file())
    expect(await refusal(openAuditLog(options()))).toBe('audit-unwritable')
    expect(statSync(file()).size).toBe(size)
  })

  it('cuts nothing off a segment that another follows: it was whole when that was begun', async () => {
    await (await openAuditLog(options())).close()
    appendFileSync(file(), '{"format":2')
    writeFileSync(join(directory, `${SIDECAR}-1.ndjson`), '')
    const before = readFileSync(file(), 'utf8')
    await (await openAuditLog(options())).close()
    expect(readFileSync(file(), 'utf8')).toBe(before)
  })

  it('has the room of what was cut off', async () => {
    await (await openAuditLog(options())).close()
    appendFileSync(file(), 'x'.repeat(1000))
    const log = await openAuditLog(options())
    const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size)
    expect(log.room().bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    await log.close()
  })

  it('has every record that it said was on disk when it was killed with -9', async () => {
    const writer = join(import.meta.dirname, 'writer.ts')
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, [writer, directory, SIDECAR], { stdio: ['ignore', 'pipe', 'inherit'] })
      let told = ''
      child.stdout.on('data', (bytes) => {
        told += bytes
        if (told.length > round * 400) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const log = await openAuditLog(options())
      await log.close()
      const records = readLog(directory)
      const last = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1))
      expect(last).toBeGreaterThan(0)
      expect(records[last]).toMatchObject({ sequence: last, kind: 'policy' })
      expect(verify(records, sha256)).toMatchObject({ whole: true })
    }
  })
})
