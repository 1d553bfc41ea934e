/** The one fake here is a disk that fails to sync, as Linux reports it once (EIO) and never again; a real one does not fail when asked. */
import { constants, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSegment } from '../../../src/io/audit/segment.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-segment-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const eio = () => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })

/** A real file that takes bytes and then cannot sync them, as often as `failures` says. */
function failingDisk(failures: { left: number }) {
  return async (file: string, flags: number, mode: number): Promise<FileHandle> => {
    const handle = await open(file, flags, mode)
    const failing =
      <Given extends unknown[], T>(real: (...given: Given) => Promise<T>) =>
      async (...given: Given): Promise<T> => {
        const done = await real.apply(handle, given)
        if (failures.left === 0) return done
        failures.left -= 1
        throw eio()
      }
    return Object.assign(handle, { write: failing(handle.write), datasync: failing(handle.datasync) })
  }
}

it('is open so that no write returns before its bytes are on disk', async () => {
  let fd = 0
  const segment = await openSegment(join(directory, 'a'), async (...asked) => {
    const handle = await open(...asked)
    fd = handle.fd
    return handle
  })
  const [, flags = ''] = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? []
  expect(Number.parseInt(flags, 8) & constants.O_DSYNC).toBe(constants.O_DSYNC)
  await segment.close()
})

it('is for its owner to write and its group to read, and for nobody else', async () => {
  const file = join(directory, 'a')
  await (await openSegment(file)).close()
  expect(statSync(file).mode & 0o137).toBe(0)
})

it('takes back what it could not sync, so that a later record does not follow one that may be lost', async () => {
  const file = join(directory, 'a')
  const failures = { left: 0 }
  const segment = await openSegment(file, failingDisk(failures))
  await segment.append(Buffer.from('one\n'))
  failures.left = 1
  await expect(segment.append(Buffer.from('two\n'))).rejects.toThrow('EIO')
  expect(readFileSync(file, 'utf8')).toBe('one\n')
  await segment.append(Buffer.from('three\n'))
  expect(readFileSync(file, 'utf8')).toBe('one\nthree\n')
  expect(segment.size()).toBe(10)
  await segment.close()
})

it('refuses until the disk has taken the cut as well', async () => {
  const file = join(directory, 'a')
  const failures = { left: 0 }
  const segment = await openSegment(file, failingDisk(failures))
  await segment.append(Buffer.from('one\n'))
  failures.left = 4
  await expect(segment.append(Buffer.from('two\n'))).rejects.toThrow('EIO')
  await expect(segment.append(Buffer.from('three\n'))).rejects.toThrow('EIO')
  await expect(segment.append(Buffer.from('four\n'))).rejects.toThrow('EIO')
  await segment.append(Buffer.from('five\n'))
  expect(readFileSync(file, 'utf8')).toBe('one\nfive\n')
  await segment.close()
})
