/** The newest rows of an audit directory that match a filter: logs are read from their ends, and only as far as is needed. */
import type { Filter } from '../../core/audit/filter.ts'
import { matches } from '../../core/audit/filter.ts'
import type { Glimpse } from '../../core/audit/glimpse.ts'
import { needles } from '../../core/audit/glimpse.ts'
import { fromLine } from '../../core/audit/line.ts'
import type { Row } from '../../core/audit/row.ts'
import { toRows } from '../../core/audit/row.ts'
import { readAuditDirectory } from './directory.ts'
import { newestLines } from './newest.ts'

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
  /** Where to go on, when there may be more. */
  readonly more?: Place
  /** Lines that are no records, among those that had to be read. */
  readonly unreadable: number
  readonly lines: number
  /** Time of the oldest line that was looked at. */
  readonly reached?: string
  /** Whether `after` was given and is nowhere. */
  readonly isLost: boolean
}

/** Ends that wait for their start. Beyond it the newest is forgotten: memory has a bound, whatever a log holds. */
const MAX_ENDS = 20_000

/** @throws KerbsideError `io-failed` when a directory or a segment cannot be read */
export async function searchRows(directories: string | readonly string[], search: Search): Promise<Found> {
  const { filter, limit, after, maxLines = Number.POSITIVE_INFINITY } = search
  const wanted = needles(filter)
  const ends = new Map<string, string>()
  const rows: Row[] = []
  let isPast = after === undefined
  let lines = 0
  let unreadable = 0
  let last: Glimpse | undefined

  const found = (more?: Glimpse): Found => ({
    rows,
    ...(more === undefined ? {} : { more: { sidecar: more.sidecar, sequence: more.sequence } }),
    unreadable,
    lines,
    ...(last === undefined || !isPast ? {} : { reached: last.time }),
    isLost: !isPast,
  })
  const take = (...texts: readonly string[]) => {
    const read = texts.map(fromLine)
    unreadable += read.filter((each) => 'problem' in each).length
    rows.push(
      ...toRows(read.flatMap((each) => ('record' in each ? [each.record] : []))).filter((row) => matches(row, filter)),
    )
  }

  const logs = await Promise.all([directories].flat().map(readAuditDirectory))
  for await (const { line, at } of newestLines(logs.flat())) {
    if (isPast) {
      if (at !== undefined && filter.since !== undefined && Date.parse(at.time) < filter.since) return found()
      if (rows.length >= limit || lines >= maxLines) return found(last)
      lines += 1
    }
    if (at === undefined) {
      unreadable += isPast ? 1 : 0
      continue
    }
    last = at
    const key = `${at.sidecar}\n${at.operationId}`
    if (at.kind === 'end') {
      ends.set(key, line)
      if (ends.size > MAX_ENDS) ends.delete(ends.keys().next().value ?? '')
      continue
    }
    // What is newer than the place is joined as well: an operation that began before it may have ended after it.
    const end = ends.get(key)
    ends.delete(key)
    if (isPast && wanted.every((needle) => line.includes(needle))) take(line, ...(end === undefined ? [] : [end]))
    isPast ||= at.sidecar === after?.sidecar && at.sequence === after.sequence
  }
  if (isPast) for (const line of ends.values()) take(line)
  return found()
}
