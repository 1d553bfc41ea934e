/**
 * One chain that stands in the folders of several brokers, because its sidecar changed from one to another and back: read as one,
 * each record once. What two of them say otherwise of the same number is given from both: nothing that differs hides the other.
 */
import { headOf } from '../../core/audit/glimpse.ts'
import { KerbsideError } from '../../core/errors.ts'
import type { SidecarLog } from './directory.ts'
import { linesBackwards, linesForwards } from './lines.ts'

export type Placed = {
  readonly text: string
  /** As it is shown, and the line in it, from 1. */
  readonly file: string
  readonly line: number
}

/** The logs of each sidecar: one for each folder in which it has one, in the order of their names. */
export const bySidecar = (logs: readonly SidecarLog[]): readonly (readonly SidecarLog[])[] => [
  ...Map.groupBy(logs.toSorted(byName), ({ sidecar }) => sidecar).values(),
]

const nameOf = ({ segments }: SidecarLog): string => segments[0]?.name ?? ''
const byName = (one: SidecarLog, other: SidecarLog): number => (nameOf(one) < nameOf(other) ? -1 : 1)

/**
 * Oldest first, a record at a time: one line, or those that are not the same to the byte. What is no record comes at once.
 * @param onUnfinished told how many bytes stand after the last line end of the newest file, and of any other with the file after it
 * @throws KerbsideError `io-failed` when a segment cannot be read
 */
export function oldestFirst(
  copies: readonly SidecarLog[],
  onUnfinished: (bytes: number, next: string | undefined) => void = () => {},
): AsyncGenerator<readonly Placed[]> {
  return byNumber(
    copies.map((log) => forwards(log, onUnfinished)),
    { choose: Math.min, atOnce: Number.NEGATIVE_INFINITY },
  )
}

/** The same, newest first, in blocks of lines as they come. */
export async function* newestFirst(copies: readonly SidecarLog[]): AsyncGenerator<readonly string[]> {
  const blocks = copies.map(backwards)
  const [only, another] = blocks
  if (only !== undefined && another === undefined) return yield* only
  const texts = blocks.map(async function* (each) {
    for await (const lines of each) yield lines.map((text) => ({ text }))
  })
  for await (const lines of byNumber(texts, { choose: Math.max, atOnce: Number.POSITIVE_INFINITY }))
    yield lines.map(({ text }) => text)
}

type Text = { readonly text: string }
type Way = { readonly choose: (...numbers: number[]) => number; readonly atOnce: number }

/** All folders are read side by side, so that it is enough to hold one block of each, however much they have in common. */
async function* byNumber<Line extends Text>(
  blocks: readonly AsyncGenerator<readonly Line[]>[],
  { choose, atOnce }: Way,
): AsyncGenerator<readonly Line[]> {
  let open = blocks.map((each) => ({ blocks: each, lines: [] as readonly Line[], at: -1, number: atOnce }))
  const advance = async (source: (typeof open)[number]): Promise<boolean> => {
    source.at += 1
    while (source.at >= source.lines.length) {
      const block = await source.blocks.next()
      if (block.done) return false
      source.lines = block.value
      source.at = 0
    }
    source.number = headOf(source.lines[source.at]?.text ?? '')?.sequence ?? atOnce
    return true
  }
  try {
    const begun = await Promise.all(open.map(advance))
    open = open.filter((_, index) => begun[index])
    while (open.length > 0) {
      const number = choose(...open.map((source) => source.number))
      const given: Line[] = []
      for (const source of open.filter((one) => one.number === number)) {
        const line = source.lines[source.at]
        if (line !== undefined && !given.some(({ text }) => text === line.text)) given.push(line)
        if (!(await advance(source))) open = open.filter((one) => one !== source)
      }
      yield given
    }
  } finally {
    await Promise.all(blocks.map((each) => each.return(undefined)))
  }
}

async function* forwards(
  { segments }: SidecarLog,
  onUnfinished: (bytes: number, next: string | undefined) => void,
): AsyncGenerator<readonly Placed[]> {
  for (const [index, { path, name: file }] of segments.entries()) {
    let line = 1
    try {
      for await (const { lines, unfinishedBytes } of linesForwards(path)) {
        const first = line
        line += lines.length
        yield lines.map((text, at) => ({ text, file, line: first + at }))
        if (unfinishedBytes > 0) onUnfinished(unfinishedBytes, segments[index + 1]?.name)
      }
    } catch (cause) {
      throw unreadable(path, cause)
    }
  }
}

async function* backwards({ segments }: SidecarLog): AsyncGenerator<readonly string[]> {
  for (const { path } of segments.toReversed()) {
    try {
      yield* linesBackwards(path)
    } catch (cause) {
      throw unreadable(path, cause)
    }
  }
}

const unreadable = (path: string, cause: unknown) =>
  new KerbsideError('io-failed', `\`${path}\` cannot be read`, { cause })
