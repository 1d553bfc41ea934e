/** Lines of a segment, forwards from its beginning or backwards from its end, a block at a time: memory does not grow with the file. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { MAX_LINE_UNITS } from '../../core/audit/line.ts'

const BLOCK_BYTES = 65_536
/** Whoever reads forwards reads all of it. */
const FORWARD_BYTES = 1_048_576
/** Longer than any line that was ever written: what comes is not ours and is not collected. */
const MAX_LINE_BYTES = MAX_LINE_UNITS * 3
const LINE_FEED = 0x0a

/** What is no line: too long, or not UTF-8. No record reads like this. */
export const NOT_A_LINE = '\u0000'

export type Lines = {
  readonly lines: readonly string[]
  /** Bytes after the last line end, once the end of the file was seen. */
  readonly unfinishedBytes: number
}

/**
 * Blocks of whole lines, oldest first.
 * @param from a path, or the number of an open file
 */
export async function* linesForwards(from: string | number): AsyncGenerator<Lines> {
  let rest = Buffer.alloc(0)
  let isOversized = false
  for await (const block of opened(from)) {
    const bytes = Buffer.concat([rest, block])
    const end = bytes.lastIndexOf(LINE_FEED)
    rest = bytes.subarray(end + 1)
    if (end >= 0) {
      const lines = decodeLines(bytes.subarray(0, end))
      yield { lines: isOversized ? [NOT_A_LINE, ...lines.slice(1)] : lines, unfinishedBytes: 0 }
      isOversized = false
    }
    if (rest.length > MAX_LINE_BYTES) {
      isOversized = true
      rest = Buffer.alloc(0)
    }
  }
  yield { lines: [], unfinishedBytes: isOversized ? MAX_LINE_BYTES : rest.length }
}

const opened = (from: string | number) =>
  typeof from === 'string'
    ? createReadStream(from, { highWaterMark: FORWARD_BYTES })
    : createReadStream('', { fd: from, autoClose: false, highWaterMark: FORWARD_BYTES })

/** Blocks of whole lines, newest first. A line without an end is left out: its record is not yet, or never was, written. */
export async function* linesBackwards(path: string): AsyncGenerator<readonly string[]> {
  const handle = await open(path, 'r')
  try {
    let from = (await handle.stat()).size
    /** End of a line whose beginning is in blocks that come next. */
    let rest = Buffer.alloc(0)
    let isOversized = false
    /** Whether no line end was seen yet: then what was read is unfinished. */
    let isTail = true
    while (from > 0) {
      const length = Math.min(BLOCK_BYTES, from)
      from -= length
      const bytes = Buffer.concat([await readAt(handle, from, length), rest])
      const begin = from === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1
      if (begin === 0 && from > 0) {
        const isTooLong = bytes.length > MAX_LINE_BYTES
        isOversized ||= isTooLong && !isTail
        rest = isTooLong ? Buffer.alloc(0) : bytes
        continue
      }
      const end = isTail ? bytes.lastIndexOf(LINE_FEED) : bytes.length
      const lines = end < begin ? [] : decodeLines(bytes.subarray(begin, end))
      yield (isOversized ? [...lines.slice(0, -1), NOT_A_LINE] : lines).toReversed()
      rest = bytes.subarray(0, Math.max(0, begin - 1))
      isOversized = false
      isTail = false
    }
  } finally {
    await handle.close()
  }
}

/** Lines of bytes without their last line end; a line that is no text is {@link NOT_A_LINE}. */
export function decodeLines(bytes: Buffer): string[] {
  if (isUtf8(bytes)) return bytes.toString().split('\n')
  // Some line is broken, not all of them: look at each.
  const lines: string[] = []
  for (let begin = 0; begin <= bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, begin)
    const end = found < 0 ? bytes.length : found
    const line = bytes.subarray(begin, end)
    lines.push(isUtf8(line) ? line.toString() : NOT_A_LINE)
    begin = end + 1
  }
  return lines
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await handle.read(bytes, 0, length, position)
  return bytes.subarray(0, bytesRead)
}
