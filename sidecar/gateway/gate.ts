/** All that a request meets on its walk. */
import type { Who } from '../../src/core/audit/record.ts'
import type { AuditLog } from '../ports.ts'
import type { Tally } from './counters.ts'
import type { Hdfs } from './hdfs.ts'
import type { MayConnect } from './peer.ts'
import type { Rules } from './rules.ts'
import type { OpenStreams } from './streams.ts'

export type Warn = (message: string, cause?: unknown) => void

export type Gate = {
  readonly port: number
  readonly rules: () => Rules
  readonly hdfs: Hdfs
  readonly audit: AuditLog
  readonly who: () => Who
  readonly streams: OpenStreams
  readonly tally: Tally
  readonly mayConnect: MayConnect
  /** Unique within this sidecar, across restarts. */
  readonly nextOperationId: () => string
  /** For the operator's log; never told to a client. */
  readonly warn: Warn
}
