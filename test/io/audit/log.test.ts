/** The sidecar's log on a real disk, also a full one: what it said was written is there. */
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verify } from '../../../src/core/audit/verify.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { end, readLog, sha256, start, WHO } from './entries.ts'
import { codeOf, NOON, ownLog, refusal, SIDECAR } from './own-log.ts'
import { canMount, mountSmallDisk } from './small-disk.ts'

const own = ownLog()

describe('the log of a sidecar', () => {
  it('has each record on disk when it says so', async () => {
    const log = await openAuditLog(own.options())
    const record = await log.write(start('1'))
    expect(readLog(own.directory).at(-1)).toEqual(record)
    expect(record).toMatchObject({ sequence: 1, time: '2026-03-02T12:00:00.000Z', sidecar: SIDECAR })
    await log.close()
  })

  it('opens with a record and closes with one, and is a whole chain', async () => {
    const log = await openAuditLog(own.options())
    await Promise.all([log.write(start('1')), log.write(end('1'))])
    await log.close()
    const records = readLog(own.directory)
    expect(records.map(({ kind }) => kind)).toEqual(['open', 'start', 'end', 'close'])
    expect(verify(records, sha256)).toEqual({ whole: true, records: 4 })
  })

  it('goes on with its chain after a restart of the container', async () => {
    for (const id of ['1', '2', '3']) {
      const log = await openAuditLog(own.options())
      await log.write(start(id))
      await log.close()
    }
    const records = readLog(own.directory)
    expect(verify(records, sha256)).toEqual({ whole: true, records: 9 })
    expect(records[3]).toMatchObject({ kind: 'open', detail: 'continued after number 2' })
  })

  it('begins a new file when one is large, and stays one chain', async () => {
    const log = await openAuditLog(own.options())
    const large = { kind: 'policy', who: WHO, bundle: 'sha256:1', detail: 'x'.repeat(60_000) } as const
    await Promise.all(Array.from({ length: 300 }, () => log.write(large)))
    await log.write(large)
    await log.close()
    expect(readdirSync(own.directory).toSorted()).toEqual([`${SIDECAR}-0.ndjson`, `${SIDECAR}-1.ndjson`])
    const again = await openAuditLog(own.options())
    await again.close()
    expect(verify(readLog(own.directory), sha256)).toEqual({ whole: true, records: 305 })
  })

  it('says of each record when it was written', async () => {
    let now = NOON
    const log = await openAuditLog({ ...own.options(), clock: () => now })
    const times: string[] = []
    for (const ms of [0, 0, 1, 60_000, 59_999]) {
      now = NOON + ms
      times.push((await log.write(start('1'))).time)
    }
    expect(times).toEqual([0, 0, 1, 60_000, 59_999].map((ms) => new Date(NOON + ms).toISOString()))
    await log.close()
  })

  it('lets go of a segment whose records are elsewhere, and never of the one that the chain goes on from', async () => {
    const log = await openAuditLog({ ...own.options(), segmentBytes: 1 })
    await log.write(start('1'))
    await log.write(start('2'))
    expect(readdirSync(own.directory)).toHaveLength(3)
    expect(await log.forget(2)).toBe(false)
    expect(await log.forget(0)).toBe(true)
    expect(await log.forget(1)).toBe(true)
    expect(readdirSync(own.directory)).toEqual([`${SIDECAR}-2.ndjson`])
    await log.close()
    const again = await openAuditLog(own.options())
    expect(again.next()).toBe(5)
    await again.close()
  })

  it('keeps its chain apart from that of another sidecar in the same folder', async () => {
    const [one, other] = await Promise.all([
      openAuditLog(own.options()),
      openAuditLog(own.options({ sidecar: `${SIDECAR}-1` })),
    ])
    await Promise.all([one.write(start('1')), other.write(start('1'))])
    await Promise.all([one.close(), other.close()])
    expect(readdirSync(own.directory)).toHaveLength(2)
    const again = await openAuditLog(own.options())
    expect(await again.write(start('2'))).toMatchObject({ sequence: 4 })
    await again.close()
  })

  it('refuses to be written when it is closed', async () => {
    const log = await openAuditLog(own.options())
    await log.close()
    expect(await refusal(log.write(start('1')))).toBe('audit-unwritable')
  })

  it.each(['', '..', '../x', 'a/b', 'a\n', '-a'])(
    'takes no sidecar whose name leads elsewhere: %j',
    async (sidecar) => {
      expect(await refusal(openAuditLog(own.options({ sidecar })))).toBe('bad-settings')
    },
  )
})

describe('when a record cannot be written', () => {
  it.runIf(canMount)('refuses on a disk that is really full, and goes on once there is room', async () => {
    const disk = mountSmallDisk(64)
    try {
      writeFileSync(join(disk.path, 'other'), Buffer.alloc(36 * 1024))
      const log = await openAuditLog(own.options({ directory: disk.path }))
      let written = 0
      let refused: unknown
      while (refused === undefined) {
        const thrown = await log.write(start(String(written))).then(
          () => undefined,
          (error) => error,
        )
        if (thrown === undefined) written++
        refused = thrown
      }
      expect(codeOf(refused)).toBe('audit-unwritable')
      expect(String(refused)).toContain('the disk is full')
      expect(await refusal(Promise.all([log.write(start('a')), log.write(start('b'))]))).toBe('audit-unwritable')
      rmSync(join(disk.path, 'other'))
      await log.write(start('after'))
      await log.close()
      const records = readLog(disk.path)
      expect(verify(records, sha256)).toEqual({ whole: true, records: written + 3 })
    } finally {
      disk.unmount()
    }
  })

  it.runIf(canMount)('does not open on a disk that is full', async () => {
    const disk = mountSmallDisk(8)
    try {
      writeFileSync(join(disk.path, 'other'), Buffer.alloc(8 * 1024))
      expect(await refusal(openAuditLog(own.options({ directory: disk.path })))).toBe('audit-unwritable')
    } finally {
      disk.unmount()
    }
  })

  it('refuses what is begun at its limit, and still takes how the running operations ended', async () => {
    const log = await openAuditLog(own.options({ maxBytes: 16_384 }))
    let written = 0
    while ((await refusal(log.write(start(String(written))))) === 'written') written++
    expect(written).toBeGreaterThan(10)
    await log.write(end('0'))
    expect(await refusal(log.write(start('more')))).toBe('audit-unwritable')
    while ((await refusal(log.write(end('0')))) === 'written');
    await log.close()
    expect(statSync(own.file()).size).toBeLessThanOrEqual(16_384)
    expect(verify(readLog(own.directory), sha256)).toMatchObject({ whole: true })
  })

  it('knows its limit again after a restart', async () => {
    const log = await openAuditLog(own.options())
    while (statSync(own.file()).size < 8_192) await log.write(start('1'))
    await log.close()
    expect(await refusal(openAuditLog(own.options({ maxBytes: 8_192 })))).toBe('audit-unwritable')
  })

  it('refuses an entry that could not be read back, and takes the others of the same moment', async () => {
    const log = await openAuditLog(own.options())
    const wrong = { ...start('1'), why: undefined } as never
    const [first, second, third] = await Promise.all([
      refusal(log.write(start('1'))),
      refusal(log.write(wrong)),
      refusal(log.write(start('2'))),
    ])
    expect([first, second, third]).toEqual(['written', 'audit-unwritable', 'written'])
    await log.close()
    expect(verify(readLog(own.directory), sha256)).toEqual({ whole: true, records: 4 })
  })

  it('refuses rather than hold an endless queue in memory', async () => {
    const log = await openAuditLog(own.options())
    const all = await Promise.all(Array.from({ length: 5_000 }, (_, id) => refusal(log.write(start(String(id))))))
    expect(all.filter((one) => one === 'written')).toHaveLength(4_096)
    expect(all.filter((one) => one === 'audit-unwritable')).toHaveLength(904)
    await log.close()
    expect(verify(readLog(own.directory), sha256)).toMatchObject({ whole: true })
  })

  it('says what is wrong with the folder', async () => {
    writeFileSync(join(own.directory, 'file'), '')
    const wrong = openAuditLog(own.options({ directory: join(own.directory, 'file') }))
    await expect(wrong).rejects.toThrow(/the audit log in `.*file`: it is not a folder/)
  })
})
