/** The newest rows of an audit directory that match a filter: logs are read from their ends, and only as far as is needed. */
import type { Filter } from '../core/audit/filter.ts'
import { matches, needles } from '../core/audit/filter.ts'
import { fromLine } from '../core/audit/line.ts'
import type { Pairing, Row } from '../core/audit/row.ts'
import { pairing, recordOf } from '../core/audit/row.ts'
import { KerbsideError } from '../core/errors.ts'
import type { SidecarLog } from './audit-directory.ts'
import { readAuditDirectory } from './audit-directory.ts'
import { linesBackwards } from './audit-lines.ts'

/** Place of a row: what comes after it is older. */
export type Place = { readonly sidecar: string; readonly sequence: number }

export type Search = {
  readonly filter: Filter
  readonly limit: number
  /** Give rows older than this one. */
  readonly after?: Place
  /** Lines to look at, at most, once the place was found. */
  readonly maxLines?: number
}

export type Found = {
  /** Newest first. */
  readonly rows: readonly Row[]
  /** Whether there is more to search, and from where. */
  readonly more?: Place
  /** Lines that are no records. */
  readonly unreadable: number
  readonly lines: number
  /** Time of the oldest line that was looked at. */
  readonly reached?: string
  /** Whether `after` was given and is nowhere. */
  readonly isLost: boolean
}

/** @throws KerbsideError `io-failed` when the directory or a segment cannot be read */
export async function searchRows(directory: string, search: Search): Promise<Found> {
  const { filter, limit, after, maxLines = Number.POSITIVE_INFINITY } = search
  const wanted = needles(filter)
  const rows: Row[] = []
  const pairs = pairing()
  let isPast = after === undefined
  let lines = 0
  let unreadable = 0
  let last: Place | undefined
  let reached: string | undefined
  const found = (more?: Place): Found => ({
    rows,
    ...(more === undefined ? {} : { more }),
    unreadable,
    lines,
    ...(reached === undefined ? {} : { reached }),
    isLost: !isPast,
  })

  for await (const { line, head } of mergedBackwards(await readAuditDirectory(directory))) {
    if (isPast) {
      if (head !== undefined && filter.since !== undefined && Date.parse(head.time) < filter.since) return found()
      if (rows.length >= limit || lines >= maxLines) return found(last)
      lines += 1
    }
    if (head !== undefined) last = { sidecar: head.sidecar, sequence: head.sequence }
    if (head !== undefined && isPast) reached = head.time
    // What is newer than the place is read as well: an operation that began before it may have ended after it.
    const row = wanted.every((needle) => line.includes(needle)) ? rowOf(line, pairs) : undefined
    if (row === 'unreadable') unreadable += isPast ? 1 : 0
    else if (row !== undefined && isPast && matches(row, filter)) rows.push(row)
    if (!isPast && head?.sidecar === after?.sidecar && head?.sequence === after?.sequence) isPast = true
  }
  const orphans = pairs.rest().filter((row) => matches(row, filter))
  if (isPast) rows.push(...orphans.toSorted((one, other) => (recordOf(one).time < recordOf(other).time ? 1 : -1)))
  return found()
}

function rowOf(line: string, pairs: Pairing): Row | 'unreadable' | undefined {
  const read = fromLine(line)
  return 'problem' in read ? 'unreadable' : pairs.take(read.record)
}

/** What every line begins with, read without reading the line. */
type Head = { readonly sidecar: string; readonly sequence: number; readonly time: string; readonly kind: string }
const HEAD = /^\{"format":1,"sidecar":"([\w.-]+)","sequence":(\d+),"time":"([\d:.TZ-]+)","kind":"(\w+)"/

function headOf(line: string): Head | undefined {
  const [, sidecar = '', sequence = '', time = '', kind = ''] = HEAD.exec(line) ?? []
  return sidecar === '' ? undefined : { sidecar, sequence: Number(sequence), time, kind }
}

type Placed = { readonly line: string; readonly head: Head | undefined }
type Source = {
  readonly blocks: AsyncGenerator<readonly string[]>
  lines: readonly string[]
  next: number
  time: string
}

/**
 * All lines, newest first. Within one log the order is that of its chain, whatever its clock did; between logs it is time.
 * A log is opened when the search gets back to when it was last written, so old logs cost nothing.
 */
async function* mergedBackwards(logs: readonly SidecarLog[]): AsyncGenerator<Placed> {
  const closed = [...logs]
  /** Newest last. */
  const open: Source[] = []
  const put = (source: Source) => {
    let at = open.length
    while (at > 0 && (open[at - 1]?.time ?? '') > source.time) at -= 1
    open.splice(at, 0, source)
  }
  let newest: Source | undefined
  try {
    for (;;) {
      for (let log = closed[0]; log !== undefined && isNewer(log, open.at(-1)); log = closed[0]) {
        closed.shift()
        const source = { blocks: blocksOf(log), lines: [], next: 0, time: new Date(log.modifiedAt).toISOString() }
        if (await advance(source)) put(source)
      }
      newest = open.pop()
      if (newest === undefined) return
      const line = newest.lines[newest.next] ?? ''
      newest.next += 1
      yield { line, head: headOf(line) }
      if (newest.next < newest.lines.length || (await advance(newest))) {
        newest.time = headOf(newest.lines[newest.next] ?? '')?.time ?? newest.time
        put(newest)
      }
    }
  } finally {
    await Promise.all([...open, newest].map((source) => source?.blocks.return(undefined)))
  }
}

const isNewer = (log: SidecarLog, source: Source | undefined): boolean =>
  source === undefined || log.modifiedAt >= Date.parse(source.time)

/** Whether the source has another line; its next block is then there. */
async function advance(source: Source): Promise<boolean> {
  for (let block = await source.blocks.next(); !block.done; block = await source.blocks.next()) {
    if (block.value.length === 0) continue
    source.lines = block.value
    source.next = 0
    source.time = headOf(block.value[0] ?? '')?.time ?? source.time
    return true
  }
  return false
}

async function* blocksOf({ segments }: SidecarLog): AsyncGenerator<readonly string[]> {
  for (const { path } of segments.toReversed()) {
    try {
      yield* linesBackwards(path)
    } catch (cause) {
      throw new KerbsideError('io-failed', `\`${path}\` cannot be read`, { cause })
    }
  }
}
