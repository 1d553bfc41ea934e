/** The records of a directory that a sink has not got yet, a batch at a time: each number of a chain once, whoever wrote it down twice. */
import { basename, dirname, join } from 'node:path'
import { fromLine } from '../core/audit/line.ts'
import { withNumber } from '../core/audit/seen.ts'
import { dayOf } from '../io/audit/layout.ts'
import type { Chain, Position, Step } from './cursor.ts'
import { linesFrom } from './lines-from.ts'
import { dayOfFile, type Grown, type Scan, scan } from './scan.ts'

export type Taken = {
  readonly line: string
  /** UTC day on which a broker took it in. Of its own records, and where there is no broker, the day that they say. */
  readonly day: string
}

export type Batch = {
  /** From 1; the same number is the same records, until they are where they go. */
  readonly number: number
  readonly records: readonly Taken[]
}

export type Next = {
  readonly batch: Batch
  /** For the cursor, when the batch is where it goes; nothing when there is nothing new to know. */
  readonly step: Step | undefined
  /** Lines that are no records, and are passed over. */
  readonly unreadable: number
  /** Bytes of whole lines that are there and in no batch yet. */
  readonly behindBytes: number
}

export type FollowOptions = {
  readonly directory: string
  readonly position: Position
  /** Bytes of lines, more or less, in one batch. */
  readonly batchBytes: number
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

const DAY_MS = 86_400_000
/** A broker writes into the folder of today; clocks may differ by some hours. */
const CLOSED_AFTER_DAYS = 2
/** A sidecar comes again with what was not acknowledged as long as its pod lives, but not days after it last came. */
const CHAIN_FORGOTTEN_AFTER_DAYS = 8

/**
 * What is there now; a batch of no records when there is nothing new. The position is not changed: the cursor does that.
 * @throws KerbsideError `io-failed` when the directory cannot be read; what the system says when a file cannot
 */
export async function nextBatch({ directory, position, batchBytes, clock }: FollowOptions): Promise<Next> {
  const now = clock()
  const found = await scan(directory, (folder) => position.closed.has(folder))
  const collected = collection(position, dayOf(now))
  const unread: Grown[] = []
  for (const file of found.files) {
    if (file.bytes === collected.readOf(file.name)) continue
    let hasMore = true
    while (hasMore && collected.bytes() < batchBytes) {
      const read = await linesFrom(join(directory, file.name), collected.readOf(file.name))
      hasMore = read !== undefined
      if (read !== undefined) collected.take(file.name, read)
    }
    if (hasMore && file.bytes > collected.readOf(file.name)) unread.push(file)
  }
  const { records, files, chains, unreadable } = collected
  const batch = position.batch + (records.length > 0 ? 1 : 0)
  const before = (days: number) => dayOf(now - days * DAY_MS)
  const step: Step = {
    batch,
    files: Object.fromEntries(files),
    chains: Object.fromEntries(chains),
    closed: closedIn(found, unread, { position, before: before(CLOSED_AFTER_DAYS) }),
    forgotten: {
      folders: [...position.closed].filter((folder) => !found.days.includes(folder)),
      files: goneFrom(found, position),
      chains: oldChains(position, before(CHAIN_FORGOTTEN_AFTER_DAYS)).filter((name) => !chains.has(name)),
    },
  }
  return {
    batch: { number: batch, records },
    step: isNothing(step) ? undefined : step,
    unreadable: unreadable(),
    behindBytes: unread.reduce((sum, { name, bytes }) => sum + bytes - collected.readOf(name), 0),
  }
}

/** What is read, laid over the position. */
function collection(position: Position, today: string) {
  const files = new Map<string, number>()
  const chains = new Map<string, Chain>()
  const records: Taken[] = []
  let [bytes, unreadable] = [0, 0]
  const readOf = (file: string): number => files.get(file) ?? position.files.get(file) ?? 0

  function takeLine(line: string, file: string): void {
    const read = fromLine(line)
    if ('problem' in read) {
      unreadable += 1
      return
    }
    const { sidecar, sequence, time } = read.record
    const ranges = (chains.get(sidecar) ?? position.chains.get(sidecar))?.ranges ?? []
    const more = withNumber(ranges, sequence)
    if (more === undefined) return
    chains.set(sidecar, { ranges: more, day: today })
    records.push({ line, day: dayOfFile(file) ?? time.slice(0, 10) })
    bytes += line.length
  }

  return {
    files,
    chains,
    records,
    bytes: () => bytes,
    unreadable: () => unreadable,
    readOf,
    take(file: string, { lines, next }: { readonly lines: readonly string[]; readonly next: number }) {
      for (const line of lines) takeLine(line, file)
      files.set(file, next)
    },
  }
}

type Before = { readonly position: Position; readonly before: string }

/** Days that are long over and of which everything was read. What is left of a line there will never have an end. */
function closedIn({ days }: Scan, unread: readonly Grown[], { position, before }: Before): readonly string[] {
  const open = new Set(unread.map(({ name }) => dirname(name)))
  return days.filter((day) => !position.closed.has(day) && basename(day) < before && !open.has(day))
}

function goneFrom({ files }: Scan, { files: known, closed }: Position): readonly string[] {
  const there = new Set(files.map(({ name }) => name))
  return [...known.keys()].filter((name) => !there.has(name) && !closed.has(dirname(name)))
}

const oldChains = ({ chains }: Position, before: string): readonly string[] =>
  [...chains].filter(([, { day }]) => day < before).map(([name]) => name)

const isNothing = ({ files, chains, closed, forgotten }: Step): boolean =>
  [files, chains, closed, ...Object.values(forgotten ?? {})].every((each) => Object.keys(each ?? {}).length === 0)
