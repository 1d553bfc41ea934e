/** Where records go. Each sink is followed by itself: one that is slow, refuses or is gone holds up no other, and no broker. */
import type { Batch } from '../follow.ts'

export type Sink = {
  /** Bytes of lines in one batch, more or less: they are in memory meanwhile. */
  readonly batchBytes: number
  /** How long records wait for others, so that a batch is worth its cost. */
  readonly everyMs: number
  /**
   * Called once, before the first batch: what was begun after batch `committed` is undone.
   * @throws KerbsideError
   */
  resume(committed: number): Promise<void>
  /**
   * Resolves when the records are there for good. After a failure, or a crash, the same records come again, under the same number.
   * @throws KerbsideError, whose text holds nothing of a record and no credential
   */
  write(batch: Batch): Promise<void>
  /** Called when there is nothing to write: old things are put in order. @throws KerbsideError */
  tidy?(): Promise<void>
  close(): Promise<void>
}
