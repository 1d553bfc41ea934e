/** The last line of a stream of slices that policy has ended: written by the broker, and the sidecar allows nothing from there on. */
import type { BrokerReason } from '../reasons.ts'
import { BROKER_REASONS } from '../reasons.ts'

/** One line without a line feed. `readRevocation(writeRevocation(reason))` is `reason`. */
export const writeRevocation = (reason: BrokerReason): string => JSON.stringify({ revoked: reason })

/** The reason, or nothing when the line is another one. A reason of a later version is still a revocation. */
export function readRevocation(line: string): BrokerReason | undefined {
  if (!line.startsWith('{"revoked":')) return undefined
  return (
    (Object.keys(BROKER_REASONS) as BrokerReason[]).find((reason) => writeRevocation(reason) === line) ?? 'pod-refused'
  )
}
