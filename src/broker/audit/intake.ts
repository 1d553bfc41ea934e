/** Takes in batches: one after the other for each sidecar, acknowledged when they are on disk, and not before. */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import {
  type Again,
  judgeBatch,
  type Rejected,
  readBatch,
  type Standing,
  type Taken,
  type Writer,
} from '../../core/audit/delivery.ts'
import { type Run, runOf } from './checkpoints.ts'
import type { DirectorySink } from './directory-sink.ts'

/** All records before `next` are on disk; `fresh` of them were not before. */
export type Acknowledged = { readonly next: number; readonly fresh: number }

export type Intake = {
  /**
   * @param body of a request, as it came
   * @throws KerbsideError `audit-unwritable`
   */
  take(body: Buffer, writer: Writer): Promise<Acknowledged | Again | Rejected>
}

/** New records that are on disk. */
export type Fresh = Pick<Taken, 'gap'> & {
  readonly count: number
  readonly run: Run
  /** Time of the last, as its writer has it, milliseconds since the epoch. */
  readonly newestAtMs: number
}

export type IntakeParts = {
  readonly sink: DirectorySink
  /** Called before they are acknowledged. */
  readonly onTaken: (fresh: Fresh, writer: Writer) => Promise<void> | void
}

/** Chains whose standing is kept; of others it is read from disk again. */
const MOST_KNOWN = 20_000

const sha256 = (text: string): string => hash('sha256', text)

/** The same text by itself: a piece of a batch keeps the whole batch in memory, and this is kept for each chain. */
const apart = (text: string): string => Buffer.from(text).toString()

/** What is kept of a batch while the disk is waited for: bytes, and not its text in a thousand pieces, which collecting garbage would copy. */
type Judged = {
  readonly standing: Standing
  readonly fresh?: Fresh & { readonly bytes: Uint8Array }
}

function judge(body: Buffer, writer: Writer, standing: Standing | undefined): Judged | Again | Rejected {
  if (!isUtf8(body)) return { rejected: 'not-a-record', detail: 'it is not UTF-8' }
  const batch = readBatch(body.toString())
  if ('rejected' in batch) return batch
  const verdict = judgeBatch(batch, writer, standing, sha256)
  if (!('lines' in verdict)) return verdict
  const { lines, records, gap } = verdict
  const { next, previous } = verdict.standing
  const judged = { standing: { next, previous: apart(previous) } }
  const last = records.at(-1)
  if (last === undefined) return judged
  const known = batch.lines.length - lines.length
  const fresh = {
    count: lines.length,
    run: runOf(records),
    newestAtMs: Date.parse(last.time),
    bytes: afterLines(body, 1 + known),
  }
  return { ...judged, fresh: gap === undefined ? fresh : { ...fresh, gap } }
}

const LINE_END = 0x0a
/** What stands after so many lines, as it came. */
function afterLines(body: Buffer, count: number): Uint8Array {
  let at = 0
  for (let line = 0; line < count; line++) at = body.indexOf(LINE_END, at) + 1
  return body.subarray(at)
}

export function auditIntake({ sink, onTaken }: IntakeParts): Intake {
  const known = new Map<string, Standing | undefined>()
  /** The end of what goes on for each sidecar. */
  const queues = new Map<string, Promise<unknown>>()

  async function takeNext(body: Buffer, writer: Writer): Promise<Acknowledged | Again | Rejected> {
    const { podUid: sidecar } = writer
    const verdict = judge(body, writer, known.has(sidecar) ? known.get(sidecar) : await sink.standingOf(sidecar))
    if (!('standing' in verdict)) return verdict
    const { standing, fresh } = verdict
    if (fresh !== undefined) {
      const { bytes, count, run } = fresh
      try {
        await sink.append({ sidecar, first: run.from, count, bytes })
      } catch (failure) {
        // What is on disk of it is found out when the sidecar comes again.
        known.delete(sidecar)
        throw failure
      }
      remember(sidecar, standing)
      await onTaken(fresh, writer)
    }
    return { next: standing.next, fresh: fresh?.count ?? 0 }
  }

  function remember(sidecar: string, standing: Standing): void {
    known.delete(sidecar)
    known.set(sidecar, standing)
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value ?? '')
  }

  return {
    async take(body, writer) {
      const before = queues.get(writer.podUid) ?? Promise.resolve()
      const mine = before.then(() => takeNext(body, writer))
      const settled = mine.catch(() => {})
      queues.set(writer.podUid, settled)
      try {
        return await mine
      } finally {
        if (queues.get(writer.podUid) === settled) queues.delete(writer.podUid)
      }
    },
  }
}
