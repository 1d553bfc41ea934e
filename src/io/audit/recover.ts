/** Finds where a chain stands after the container was restarted, and cuts off a line that was never finished. */
import type { FileHandle } from 'node:fs/promises'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha256 } from '../../core/audit/chain.ts'
import { NO_HASH } from '../../core/audit/chain.ts'
import { fromLine, MAX_LINE_UNITS } from '../../core/audit/line.ts'
import type { Segment } from '../../core/audit/segment-name.ts'
import { readSegmentName, writeSegmentName } from '../../core/audit/segment-name.ts'
import { KerbsideError } from '../../core/errors.ts'

export type Standing = {
  /** Number of the next record, and the hash it must carry. */
  readonly next: number
  readonly previous: string
  /** Segment to append to. */
  readonly segment: number
  /** Bytes in all segments of this sidecar. */
  readonly bytes: number
  /** Bytes of an unfinished line that were cut off. No operation rested on it: it was never acknowledged. */
  readonly cutBytes: number
}

/** A line is ASCII but for what JSON leaves alone, which takes at most three bytes for each unit; twice that holds a whole one. */
const MAX_TAIL_BYTES = MAX_LINE_UNITS * 6
const TAIL_BYTES = 65_536

/**
 * @throws KerbsideError `audit-unwritable` when the last record is not one: a chain is never continued over a wrong record
 */
export async function recover(directory: string, sidecar: string, sha256: Sha256): Promise<Standing> {
  const segments = await segmentsOf(directory, sidecar)
  let bytes = 0
  for (const segment of segments) bytes += (await stat(join(directory, writeSegmentName(segment)))).size
  const newest = segments.at(-1)
  if (newest === undefined) return { next: 0, previous: NO_HASH, segment: 0, bytes: 0, cutBytes: 0 }

  let cutBytes = 0
  for (const segment of segments.toReversed()) {
    const file = join(directory, writeSegmentName(segment))
    const tail = await readTail(file, segment === newest)
    cutBytes += tail.cutBytes
    if (tail.lastLine === undefined) continue
    const read = fromLine(tail.lastLine)
    const isRight = 'record' in read && read.record.sidecar === sidecar && sha256(read.hashed) === read.record.hash
    if (!isRight) {
      throw new KerbsideError('audit-unwritable', `the last line of \`${file}\` is not a record of this sidecar`, {
        hint: 'move the file away and keep it: it was damaged or changed. `kerbside audit verify` says what is wrong',
      })
    }
    const { sequence, hash } = read.record
    return { next: sequence + 1, previous: hash, segment: newest.number, bytes: bytes - cutBytes, cutBytes }
  }
  return { next: 0, previous: NO_HASH, segment: newest.number, bytes: bytes - cutBytes, cutBytes }
}

async function segmentsOf(directory: string, sidecar: string): Promise<Segment[]> {
  const segments = (await readdir(directory)).flatMap((name) => readSegmentName(name) ?? [])
  return segments.filter((one) => one.sidecar === sidecar).toSorted((one, other) => one.number - other.number)
}

/** The last whole line of a file; with `mayCut`, what follows its line end is cut off. */
async function readTail(file: string, mayCut: boolean): Promise<{ lastLine: string | undefined; cutBytes: number }> {
  const handle = await open(file, 'r+')
  try {
    const { size } = await handle.stat()
    const { lastLine, rest } = await endOf(handle, size)
    const cutBytes = mayCut ? rest : 0
    if (cutBytes > 0) {
      await handle.truncate(size - cutBytes)
      await handle.datasync()
    }
    return { lastLine, cutBytes }
  } finally {
    await handle.close()
  }
}

/** The last whole line, if there is one, and the number of bytes after its line end. */
async function endOf(handle: FileHandle, size: number): Promise<{ lastLine: string | undefined; rest: number }> {
  for (let length = TAIL_BYTES; ; length *= 2) {
    const from = Math.max(0, size - length)
    const tail = await readFrom(handle, from, size - from)
    const end = tail.lastIndexOf('\n')
    const begin = end < 0 ? -1 : tail.subarray(0, end).lastIndexOf('\n')
    if (begin >= 0 || from === 0) {
      const lastLine = end < 0 ? undefined : tail.toString('utf8', begin + 1, end)
      return { lastLine, rest: tail.length - (end + 1) }
    }
    // No line is as long as this: whatever stands here, nobody of ours wrote it, and it is not ours to cut off.
    if (length > MAX_TAIL_BYTES) return { lastLine: '', rest: 0 }
  }
}

async function readFrom(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}
