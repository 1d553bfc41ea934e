/** Takes in batches: one after the other for each sidecar, acknowledged when they are on disk, and not before. */
import { hash } from 'node:crypto'
import {
  type Again,
  type Batch,
  judgeBatch,
  type Rejected,
  type Standing,
  type Taken,
  type Writer,
} from '../../core/audit/delivery.ts'
import type { DirectorySink } from './directory-sink.ts'

/** All records before `next` are on disk; `fresh` of them were not before. */
export type Acknowledged = { readonly next: number; readonly fresh: number }

export type Intake = {
  /** @throws KerbsideError `audit-unwritable` */
  take(batch: Batch, writer: Writer): Promise<Acknowledged | Again | Rejected>
}

export type IntakeParts = {
  readonly sink: DirectorySink
  /** Called when new records are on disk, before they are acknowledged. */
  readonly onTaken: (taken: Taken, writer: Writer) => Promise<void> | void
}

/** Chains whose standing is kept; of others it is read from disk again. */
const MOST_KNOWN = 20_000

const sha256 = (text: string): string => hash('sha256', text)

/** The same text by itself: a piece of a batch keeps the whole batch in memory, and this is kept for each chain. */
const apart = (text: string): string => Buffer.from(text).toString()

export function auditIntake({ sink, onTaken }: IntakeParts): Intake {
  const known = new Map<string, Standing | undefined>()
  /** The end of what goes on for each sidecar. */
  const queues = new Map<string, Promise<unknown>>()

  async function takeNext(batch: Batch, writer: Writer): Promise<Acknowledged | Again | Rejected> {
    const { podUid: sidecar } = writer
    const standing = known.has(sidecar) ? known.get(sidecar) : await sink.standingOf(sidecar)
    const verdict = judgeBatch(batch, writer, standing, sha256)
    if (!('lines' in verdict)) return verdict
    const [first] = verdict.records
    if (first !== undefined) {
      try {
        await sink.append({ sidecar, first: first.sequence, lines: verdict.lines })
      } catch (failure) {
        // What is on disk of it is found out when the sidecar comes again.
        known.delete(sidecar)
        throw failure
      }
      remember(sidecar, verdict.standing)
      await onTaken(verdict, writer)
    }
    return { next: verdict.standing.next, fresh: verdict.records.length }
  }

  function remember(sidecar: string, { next, previous }: Standing): void {
    known.delete(sidecar)
    known.set(sidecar, { next, previous: apart(previous) })
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value ?? '')
  }

  return {
    async take(batch, writer) {
      const before = queues.get(writer.podUid) ?? Promise.resolve()
      const mine = before.then(() => takeNext(batch, writer))
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
