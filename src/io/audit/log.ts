/** A program's log: numbered, chained, on disk before anyone goes on. Many writers at once share one fdatasync. */
import { hash } from 'node:crypto'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha256 } from '../../core/audit/chain.ts'
import { chain } from '../../core/audit/chain.ts'
import type { AuditRecord, Entry, Who } from '../../core/audit/record.ts'
import { SIDECAR } from '../../core/audit/schema.ts'
import { writeSegmentName } from '../../core/audit/segment-name.ts'
import { KerbsideError } from '../../core/errors.ts'
import { recover } from './recover.ts'
import type { OpenSegment, SegmentFile } from './segment.ts'
import { openSegment, syncDirectory } from './segment.ts'
import { orUnwritable, unwritable } from './unwritable.ts'

export type AuditLogOptions = {
  readonly directory: string
  /** Uid of the pod, or the name of a broker or webhook. A chain belongs to one and goes on when its container is restarted. */
  readonly sidecar: string
  readonly who: Who
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Bytes that all segments together may take. Beyond it nothing new is begun. */
  readonly maxBytes: number
  /** A new file is begun when one has grown to this; as a rule 16 MiB. */
  readonly segmentBytes?: number
}

export type OpenAuditLog = {
  /**
   * Resolves when the record is on disk.
   * @throws KerbsideError `audit-unwritable`: then what it is about must not happen
   */
  write(entry: Entry): Promise<AuditRecord>
  /** Number of the next record: all before it are on disk for good. */
  next(): number
  /** Calls back whenever there are more on disk. */
  onWritten(listener: () => void): void
  /** How full it is: bytes of all segments, and the most that they may take. */
  room(): { readonly bytes: number; readonly maxBytes: number }
  /** Removes a segment whose records are elsewhere, for good. One that the chain goes on from stays, and then it gives false. */
  forget(number: number): Promise<boolean>
  close(): Promise<void>
}

const SEGMENT_BYTES = 16 * 1024 * 1024
/**
 * How long the end of an operation waits for others to share its fdatasync with. Nobody waits for it, and a client that asks one
 * thing after another would wait for the end of the last before the start of the next.
 */
const END_WAITS_MS = 20
/** Entries that one write and one fdatasync take together. */
const MAX_BATCH = 256
/** Entries that may wait for the disk. More means that it is too slow: better to refuse than to hold them all in memory. */
const MAX_WAITING = 4096
/** Share of the space kept for what must still be told once no operation may start: how the running ones ended. */
const RESERVE_SHARE = 1 / 16

type Waiting = {
  readonly entry: Entry
  readonly resolve: (record: AuditRecord) => void
  readonly reject: (refusal: KerbsideError) => void
}

const sha256: Sha256 = (text) => hash('sha256', text)

/**
 * Opens the log and writes its `open` record. Goes on with the chain that is there.
 * @throws KerbsideError `audit-unwritable`; `bad-settings` when `sidecar` cannot stand in the name of a file
 */
export async function openAuditLog(options: AuditLogOptions, open: OpenSegment = openSegment): Promise<OpenAuditLog> {
  const { directory, sidecar, who, clock, maxBytes, segmentBytes = SEGMENT_BYTES } = options
  if (!SIDECAR.test(sidecar)) {
    throw new KerbsideError('bad-settings', `\`${sidecar}\` cannot name a sidecar: it is no uid of a pod`)
  }
  const fileOf = (number: number) => join(directory, writeSegmentName({ sidecar, number }))
  const standing = await begin(directory, sidecar)
  let { next, previous, bytes, segment: number } = standing
  let segment = await openNew(directory, fileOf(number), open)
  const waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  /** What is on disk: `next` runs ahead of it while a batch is written. */
  let written = next
  /** Where the last record stands. */
  let holding = number
  const listeners: (() => void)[] = []

  const timeAt = timeWriter()
  const link = (entry: Entry) => chain(entry, { previous, sidecar, sequence: next, time: timeAt(clock()) }, sha256)

  const hasRoom = (entry: Entry, length: number): boolean =>
    bytes + length <= maxBytes * (entry.kind === 'start' ? 1 - RESERVE_SHARE : 1)

  /** Chains what fits, writes it at once, and tells each writer. The chain moves on only when all of it is on disk. */
  async function commit(batch: readonly Waiting[]): Promise<void> {
    const before = { next, previous }
    const chained: [Waiting, AuditRecord][] = []
    let lines = ''
    for (const one of batch) {
      try {
        const { record, line } = link(one.entry)
        const length = Buffer.byteLength(line) + 1
        if (!hasRoom(one.entry, length)) throw full(directory, maxBytes)
        lines += `${line}\n`
        bytes += length
        next += 1
        previous = record.hash
        chained.push([one, record])
      } catch (thrown) {
        one.reject(unwritable(directory, thrown))
      }
    }
    if (chained.length === 0) return
    try {
      if (segment.size() >= segmentBytes) await roll()
      await segment.append(Buffer.from(lines))
      written = next
      holding = number
      for (const [one, record] of chained) one.resolve(record)
      for (const listener of listeners) listener()
    } catch (failure) {
      // Segments may have been forgotten meanwhile, so the bytes are taken off, not set back.
      ;({ next, previous } = before)
      bytes -= Buffer.byteLength(lines)
      for (const [one] of chained) one.reject(unwritable(directory, failure))
    }
  }

  async function roll(): Promise<void> {
    const fresh = await openNew(directory, fileOf(number + 1), open)
    await segment.close().catch(() => {})
    number += 1
    segment = fresh
  }

  async function drain(): Promise<void> {
    // One turn of the event loop, so that those who write now share the first fdatasync.
    await new Promise(setImmediate)
    do await commit(waiting.splice(0, MAX_BATCH))
    while (waiting.some(({ entry }) => entry.kind !== 'end'))
    writing = undefined
    if (waiting.length > 0) flushSoon()
  }

  function write(entry: Entry): Promise<AuditRecord> {
    if (isClosed) return Promise.reject(new KerbsideError('audit-unwritable', 'the audit log is closed'))
    if (waiting.length >= MAX_WAITING) {
      const message = `${MAX_WAITING} audit records wait for \`${directory}\`: the disk is too slow`
      return Promise.reject(new KerbsideError('audit-unwritable', message))
    }
    return new Promise((resolve, reject) => {
      waiting.push({ entry, resolve, reject })
      if (entry.kind === 'end') flushSoon()
      else flush()
    })
  }

  function flushSoon(): void {
    timer ??= setTimeout(flush, END_WAITS_MS)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    writing ??= drain()
  }

  try {
    await write({ kind: 'open', who, detail: openingOf(standing) })
  } catch (refusal) {
    await segment.close()
    throw refusal
  }

  return {
    write,
    next: () => written,
    onWritten: (listener) => void listeners.push(listener),
    room: () => ({ bytes, maxBytes }),
    async forget(old) {
      if (old >= holding) return false
      const file = fileOf(old)
      const { size } = await stat(file)
      await rm(file)
      bytes -= size
      return true
    },
    /** Writes what waits and the `close` record. Never throws: a log that cannot be closed well was closed badly. */
    async close() {
      if (isClosed) return
      const last = write({ kind: 'close', who, detail: 'stopped' }).catch(() => {})
      isClosed = true
      await last
      await writing
      await segment.close().catch(() => {})
    },
  }
}

/** Records that share an fdatasync mostly share their millisecond, and to write a time takes as long as to hash a record. */
function timeWriter(): (ms: number) => string {
  let [last, text] = [Number.NaN, '']
  return (ms) => {
    if (ms !== last) [last, text] = [ms, new Date(ms).toISOString()]
    return text
  }
}

const begin = (directory: string, sidecar: string) =>
  orUnwritable(directory, async () => {
    await mkdir(directory, { recursive: true })
    return recover(directory, sidecar, sha256)
  })

const openNew = (directory: string, file: string, open: OpenSegment): Promise<SegmentFile> =>
  orUnwritable(directory, async () => {
    const segment = await open(file)
    await syncDirectory(directory)
    return segment
  })

const full = (directory: string, maxBytes: number) =>
  new KerbsideError(
    'audit-unwritable',
    `the audit log in \`${directory}\` has reached its limit of ${maxBytes} bytes`,
    {
      hint: 'a new pod begins a new log; give the log more room if pods live this long',
    },
  )

const openingOf = ({ next, cutBytes }: { next: number; cutBytes: number }): string => {
  const where = next === 0 ? 'started' : `continued after number ${next - 1}`
  return cutBytes === 0 ? where : `${where}; cut off ${cutBytes} bytes of a line that was never finished`
}
