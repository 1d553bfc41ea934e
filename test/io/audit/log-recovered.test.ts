/** The sidecar's log after a sudden end: what it said was written is there, it goes on from that, and over nothing that is wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verify } from '../../../src/core/audit/verify.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { readLog, sha256, start } from './entries.ts'
import { ownLog, refusal, SIDECAR } from './own-log.ts'

const own = ownLog()

describe('after a sudden end', () => {
  it('cuts off a line that was never finished, and says so in a record', async () => {
    const log = await openAuditLog(own.options())
    await log.write(start('1'))
    await log.close()
    appendFileSync(own.file(), '{"format":1,"sidecar":"0b1f')
    const again = await openAuditLog(own.options())
    await again.close()
    const records = readLog(own.directory)
    expect(records[3]).toMatchObject({
      detail: 'continued after number 2; cut off 27 bytes of a line that was never finished',
    })
    expect(verify(records, sha256)).toEqual({ whole: true, records: 5 })
  })

  it('cuts off the very first line when even that was never finished', async () => {
    writeFileSync(own.file(), '{"format"')
    const log = await openAuditLog(own.options())
    await log.close()
    expect(readLog(own.directory)[0]).toMatchObject({
      sequence: 0,
      detail: 'started; cut off 9 bytes of a line that was never finished',
    })
  })

  it('cuts off zeros, which some file systems leave', async () => {
    const log = await openAuditLog(own.options())
    await log.close()
    appendFileSync(own.file(), Buffer.alloc(100_000))
    const again = await openAuditLog(own.options())
    await again.close()
    expect(verify(readLog(own.directory), sha256)).toEqual({ whole: true, records: 4 })
  })

  it('goes on from the segment before when the newest is still empty', async () => {
    const log = await openAuditLog(own.options())
    await log.close()
    writeFileSync(join(own.directory, `${SIDECAR}-1.ndjson`), '')
    const again = await openAuditLog(own.options())
    await again.close()
    expect(verify(readLog(own.directory), sha256)).toEqual({ whole: true, records: 4 })
    expect(statSync(join(own.directory, `${SIDECAR}-1.ndjson`)).size).toBeGreaterThan(0)
  })

  it.each([
    ['changed', (text: string) => text.replace(/stopped/, 'stOpped')],
    ['not a record', (text: string) => `${text}{}\n`],
    ['empty', (text: string) => `${text}\n`],
  ])('never goes on over a last record that is %s', async (_, damage) => {
    const log = await openAuditLog(own.options())
    await log.close()
    const before = damage(readFileSync(own.file(), 'utf8'))
    writeFileSync(own.file(), before)
    expect(await refusal(openAuditLog(own.options()))).toBe('audit-unwritable')
    expect(readFileSync(own.file(), 'utf8')).toBe(before)
  })

  it('never goes on over a record of another sidecar, however right that is by itself', async () => {
    const other = '9b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
    await (await openAuditLog(own.options())).close()
    await (await openAuditLog(own.options({ sidecar: other }))).close()
    const theirs = readFileSync(join(own.directory, `${other}-0.ndjson`), 'utf8')
    appendFileSync(own.file(), theirs.slice(theirs.lastIndexOf('\n', theirs.length - 2) + 1))
    const before = readFileSync(own.file(), 'utf8')
    expect(await refusal(openAuditLog(own.options()))).toBe('audit-unwritable')
    expect(readFileSync(own.file(), 'utf8')).toBe(before)
  })

  it('never cuts off what is longer than any line: nobody of ours wrote that', async () => {
    await (await openAuditLog(own.options())).close()
    appendFileSync(own.file(), 'x'.repeat(5 << 20))
    const { size } = statSync(own.file())
    expect(await refusal(openAuditLog(own.options()))).toBe('audit-unwritable')
    expect(statSync(own.file()).size).toBe(size)
  })

  it('cuts nothing off a segment that another follows: it was whole when that was begun', async () => {
    await (await openAuditLog(own.options())).close()
    appendFileSync(own.file(), '{"format":2')
    writeFileSync(join(own.directory, `${SIDECAR}-1.ndjson`), '')
    const before = readFileSync(own.file(), 'utf8')
    await (await openAuditLog(own.options())).close()
    expect(readFileSync(own.file(), 'utf8')).toBe(before)
  })

  it('has the room of what was cut off', async () => {
    await (await openAuditLog(own.options())).close()
    appendFileSync(own.file(), 'x'.repeat(1000))
    const log = await openAuditLog(own.options())
    const sizes = readdirSync(own.directory).map((name) => statSync(join(own.directory, name)).size)
    expect(log.room().bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    await log.close()
  })

  it('has every record that it said was on disk when it was killed with -9', async () => {
    const writer = join(import.meta.dirname, 'writer.ts')
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, [writer, own.directory, SIDECAR], { stdio: ['ignore', 'pipe', 'inherit'] })
      let told = ''
      child.stdout.on('data', (bytes) => {
        told += bytes
        if (told.length > round * 400) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const log = await openAuditLog(own.options())
      await log.close()
      const records = readLog(own.directory)
      const last = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1))
      expect(last).toBeGreaterThan(0)
      expect(records[last]).toMatchObject({ sequence: last, kind: 'policy' })
      expect(verify(records, sha256)).toMatchObject({ whole: true })
    }
  })
})
