/** The one fake here is a disk whose fdatasync fails, as Linux reports it once (EIO) and never again; a real one does not fail when asked. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

/** A real file whose next calls of `datasync` fail, as many as `failures` says; and how many of its calls came so far. */
function failingDisk(failures: { left: number }) {
  return async (file: string, flags: string, mode: number): Promise<FileHandle> => {
    const handle = await open(file, flags, mode)
    const real = handle.datasync.bind(handle)
    handle.datasync = async () => {
      if (failures.left > 0) {
        failures.left--
        throw eio()
      }
      await real()
    }
    return handle
  }
}

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
