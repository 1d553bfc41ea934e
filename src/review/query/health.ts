/** Whether the log is whole and up to date. Of a team's scope: the chains in which it has a record. */

export type LogHealth = {
  readonly chains: number
  /** Records that no broker has, as gap records say; newest first, a hundred at most. */
  readonly gaps: readonly LogGap[]
  readonly gapCount: number
  /** Files of which something could not be read and is left out; for `all` only. */
  readonly damaged: readonly DamagedSegment[]
  /** How old the newest record is, milliseconds; absent when there is none. */
  readonly newestAgeMs?: number
  readonly intake: Intake
}

export type LogGap = {
  readonly sidecar: string
  /** The first number that is missing, and the first that is there again. */
  readonly from: number
  readonly to: number
  readonly at: number
  readonly detail: string
}

export type DamagedSegment = {
  /** Relative to the audit directory. */
  readonly file: string
  readonly lines: number
  /** Of the first of them: why it is no record. */
  readonly problem: string
}

/** How far the records of the logs are in the pages. */
export type Intake = {
  readonly bytesTaken: number
  readonly bytesTotal: number
  readonly records: number
  /** Whether everything that was there at the last look is in. */
  readonly isCurrent: boolean
  /** Why it does not go on: `io-failed`, `disk-full`. What is in is served all the same. */
  readonly problem?: string
}
