/** Whole lines of a log that were not read yet, from a place on. A line that is still being written is left for the next time. */
import { isUtf8 } from 'node:buffer'
import { open } from 'node:fs/promises'
import { headOf } from '../../../core/audit/glimpse.ts'
import { MAX_LINE_UNITS } from '../../../core/audit/line.ts'

export type NewLines = {
  /** Without those that are no records. */
  readonly lines: readonly string[]
  readonly damaged: readonly { readonly line: number; readonly problem: string }[]
  /** Where to go on: bytes and lines from the beginning of the file. */
  readonly to: Place
}
type Place = { readonly bytes: number; readonly lines: number }

const BLOCK_BYTES = 1 << 20
/** Longer than any line that was ever written. */
const MAX_LINE_BYTES = MAX_LINE_UNITS * 3
const LINE_FEED = 0x0a

/** A block at a time; memory does not grow with the file. @throws whatever the file system says */
export async function* newLines(path: string, from: Place): AsyncGenerator<NewLines> {
  const handle = await open(path, 'r')
  try {
    let at = from
    let size = BLOCK_BYTES
    for (;;) {
      const block = Buffer.alloc(size)
      const { bytesRead } = await handle.read(block, 0, size, at.bytes)
      const bytes = block.subarray(0, bytesRead)
      const end = bytes.lastIndexOf(LINE_FEED)
      if (end < 0) {
        const isOversized = bytes.length >= MAX_LINE_BYTES
        if (bytesRead < size && !isOversized) return
        if (!isOversized) {
          size *= 2
          continue
        }
        // No end of a line as far as the longest line could reach: what this is, is not ours.
        at = { bytes: at.bytes + bytes.length, lines: at.lines }
        yield { lines: [], damaged: [{ line: at.lines + 1, problem: 'it is too long' }], to: at }
        continue
      }
      const { lines, damaged, count } = sort(bytes.subarray(0, end), at.lines)
      at = { bytes: at.bytes + end + 1, lines: at.lines + count }
      yield { lines, damaged, to: at }
      size = BLOCK_BYTES
    }
  } finally {
    await handle.close()
  }
}

function sort(bytes: Buffer, before: number) {
  const lines: string[] = []
  const damaged: { line: number; problem: string }[] = []
  const all = isUtf8(bytes) ? bytes.toString().split('\n') : decodeEach(bytes)
  for (const [index, line] of all.entries()) {
    const problem = line === undefined ? 'it is not UTF-8' : headOf(line) === undefined ? 'it is no record' : undefined
    if (problem === undefined && line !== undefined) lines.push(line)
    else damaged.push({ line: before + index + 1, problem: problem ?? '' })
  }
  return { lines, damaged, count: all.length }
}

/** Some line is broken, not all of them. */
function decodeEach(bytes: Buffer): (string | undefined)[] {
  const lines: (string | undefined)[] = []
  for (let begin = 0; begin <= bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, begin)
    const line = bytes.subarray(begin, found < 0 ? bytes.length : found)
    lines.push(isUtf8(line) ? line.toString() : undefined)
    begin += line.length + 1
  }
  return lines
}
