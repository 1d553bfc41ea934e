/** Whole lines of a growing file from where they were last read to, some at a time. */
import { type FileHandle, open } from 'node:fs/promises'
import { decodeLines, NOT_A_LINE } from '../io/audit/lines.ts'

export type Read = {
  readonly lines: readonly string[]
  /** Where to go on. */
  readonly next: number
}

const LINE_FEED = 0x0a
/** No line of a record is as long as this: what is longer is damage. */
const MOST_BYTES = 1 << 20

/**
 * Nothing when there is no whole line. What is no text, or longer than any record, is {@link NOT_A_LINE}. A file that ends before
 * `from`, or in which no line begins there, was cut back by its writer: it is read from its beginning.
 */
export async function linesFrom(path: string, from: number): Promise<Read | undefined> {
  const handle = await open(path, 'r')
  try {
    return (await isBeginOfLine(handle, from)) ? await readFrom(handle, from) : await readFrom(handle, 0)
  } finally {
    await handle.close()
  }
}

async function isBeginOfLine(handle: FileHandle, at: number): Promise<boolean> {
  if (at === 0) return true
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, at - 1)
  return bytesRead === 1 && buffer[0] === LINE_FEED
}

async function readFrom(handle: FileHandle, from: number): Promise<Read | undefined> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, from)
  const bytes = buffer.subarray(0, bytesRead)
  const end = bytes.lastIndexOf(LINE_FEED)
  if (end >= 0) return { lines: decodeLines(bytes.subarray(0, end)), next: from + end + 1 }
  if (bytesRead < MOST_BYTES) return undefined
  const next = await afterNextLine(handle, from + bytesRead)
  return next === undefined ? undefined : { lines: [NOT_A_LINE], next }
}

async function afterNextLine(handle: FileHandle, from: number): Promise<number | undefined> {
  const block = Buffer.alloc(MOST_BYTES)
  for (let at = from; ; ) {
    const { bytesRead } = await handle.read(block, 0, MOST_BYTES, at)
    if (bytesRead === 0) return undefined
    const found = block.subarray(0, bytesRead).indexOf(LINE_FEED)
    if (found >= 0) return at + found + 1
    at += bytesRead
  }
}
