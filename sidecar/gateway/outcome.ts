/** How an operation ended, for its end record. */
import type { End } from '../../src/core/audit/record.ts'

export type Outcome = Omit<End, 'durationMs'>

/** Nothing of a file moved. */
export const toldOnly = (status: number): Outcome => ({ status, bytesRead: 0, bytesWritten: 0, cut: false })
