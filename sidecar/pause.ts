/** Waiting that can be called off, and that notices when the machine was suspended. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after some of the time, or at once when the signal aborts; whoever waits looks at the clock again. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

/** Timers stand still while a machine sleeps, but tickets do not: no single wait is longer, and the clock is read again. */
const LONGEST_NAP_MS = 60_000

/** Resolves after the time, at most {@link LONGEST_NAP_MS}, or at once when the signal aborts. Does not keep a process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.min(ms, LONGEST_NAP_MS), undefined, { signal, ref: false }).catch(() => undefined)
}
