/** How the delivery of records stands: what metrics and the log say of it. */
import { DELIVERY_REASONS } from '../../core/audit/delivery.ts'
import { BROKER_REASONS } from '../../core/reasons.ts'

/** Numbers before `acknowledged` are delivered; those before `written` are on our disk. */
export type DeliveryStatus = {
  readonly acknowledged: number
  readonly written: number
  /** Since the oldest record was written that no broker has; 0 where they have all. */
  readonly oldestAgeMs: number
  /** What the log takes of the room that it has. */
  readonly bytes: number
  readonly maxBytes: number
  /** Batches that were not taken, by why: the reason of the broker, or one of {@link NOT_TAKEN}. */
  readonly refused: ReadonlyMap<string, number>
  /** Why nothing is delivered at the moment. */
  readonly problem: string | undefined
}

/** No broker was reached, it could not say, it had no room just then, or it answered what none of ours answers. */
export type NotTaken = 'unreachable' | 'unavailable' | 'busy' | 'other'

const REASONS: ReadonlySet<unknown> = new Set([
  ...Object.keys(DELIVERY_REASONS),
  ...Object.keys(BROKER_REASONS),
  'busy',
])

/** From a closed list, whatever the answer says: it becomes the label of a metric. */
export function reasonIn(status: number, body: unknown): string {
  const { reason } = Object(body) as { readonly reason?: unknown }
  if (typeof reason === 'string' && REASONS.has(reason)) return reason
  return status >= 500 ? 'unavailable' : 'other'
}

/** Says that records wait, and again whenever they have waited twice as long. */
export function tellBehind(warn: (message: string) => void): (status: DeliveryStatus) => void {
  let nextMs = FIRST_TOLD_MS
  return ({ written, acknowledged, oldestAgeMs, bytes, maxBytes }) => {
    if (oldestAgeMs < FIRST_TOLD_MS) nextMs = FIRST_TOLD_MS
    if (oldestAgeMs < nextMs) return
    while (nextMs <= oldestAgeMs) nextMs *= 2
    const seconds = Math.round(oldestAgeMs / 1000)
    const room = `the log has taken ${megabytes(bytes)} of ${megabytes(maxBytes)} MB`
    warn(`${written - acknowledged} audit records wait for a broker, the oldest for ${seconds} s; ${room}`)
  }
}

const FIRST_TOLD_MS = 60_000
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
