/** What the gateway counts, as plain numbers; the health server prints them. */
import { findOperation } from '../../src/core/hdfs/operations.ts'
import type { Reason } from '../../src/core/reasons.ts'
import type { Outcome } from './outcome.ts'

export type OperationCount = {
  /** A name from the table of operations, or `other`: a client cannot make new ones. */
  readonly operation: string
  readonly effect: 'allow' | 'deny' | 'error'
  /** A reason code; the error code for `error`. */
  readonly reason: string
  readonly count: number
}

export type Counters = {
  readonly operations: readonly OperationCount[]
  /** Bytes of files, from HDFS to clients. */
  readonly bytesRead: number
  /** Bytes of files, from clients to HDFS. */
  readonly bytesWritten: number
  readonly activeStreams: number
  /** Streams that ended before their end, whoever cut them. */
  readonly cutStreams: number
  /** End records that could not be written: the operation had happened already. */
  readonly lostEndRecords: number
}

export class Tally {
  readonly #operations = new Map<string, OperationCount>()
  bytesRead = 0
  bytesWritten = 0
  cutStreams = 0
  lostEndRecords = 0

  count(name: string, effect: OperationCount['effect'], reason: Reason | string): void {
    const operation = findOperation(name) === undefined ? 'other' : name
    const key = `${operation} ${effect} ${reason}`
    const before = this.#operations.get(key)?.count ?? 0
    this.#operations.set(key, { operation, effect, reason, count: before + 1 })
  }

  add({ bytesRead, bytesWritten, cut }: Outcome): void {
    this.bytesRead += bytesRead
    this.bytesWritten += bytesWritten
    if (cut) this.cutStreams += 1
  }

  read(activeStreams: number): Counters {
    const { bytesRead, bytesWritten, cutStreams, lostEndRecords } = this
    return {
      operations: [...this.#operations.values()],
      bytesRead,
      bytesWritten,
      activeStreams,
      cutStreams,
      lostEndRecords,
    }
  }
}
