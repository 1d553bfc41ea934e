/** The order in which the parts end, and how long each may take: Kubernetes gives all of them together 30 s. */
import { setTimeout as sleep } from 'node:timers/promises'
import { toKerbsideError } from '../src/core/errors.ts'
import { TOKENS_END_MS } from './credentials/token-keeper.ts'
import { GATEWAY_ENDS_MS } from './gateway/limits.ts'
import type { Log } from './log.ts'

const SECOND = 1000

/**
 * First those that need others. The audit log ends after the last transfer has its end record, the delegation token is
 * cancelled while there is a ticket to do it with, and the caches go when nothing needs them any more. A login at the secret
 * store that is under way is given back by the program that made it. A part that waits for others says itself for how long.
 */
export const ENDS = {
  gateway: GATEWAY_ENDS_MS,
  'audit log': SECOND,
  'audit delivery': SECOND,
  credentials: TOKENS_END_MS,
  events: SECOND,
  'health server': SECOND,
  'broker client': SECOND,
} as const

export type PartName = keyof typeof ENDS
export type Closable = { close(): Promise<void> }

export class Shutdown {
  readonly #parts = new Map<PartName, Closable>()
  readonly #log: Log
  readonly #ends: Readonly<Record<PartName, number>>

  /** @param ends milliseconds for each part, in the order of the end */
  constructor(log: Log, ends: Readonly<Record<PartName, number>> = ENDS) {
    this.#log = log
    this.#ends = ends
  }

  /** Takes the part in and gives it back. */
  add<Part extends Closable>(name: PartName, part: Part): Part {
    this.#parts.set(name, part)
    return part
  }

  /** Ends what was started, however far that went. A part that fails or takes too long does not keep the others open. */
  async run(): Promise<void> {
    for (const name of Object.keys(this.#ends) as PartName[]) {
      const part = this.#parts.get(name)
      if (part === undefined) continue
      this.#parts.delete(name)
      const problem = await inTime(part, this.#ends[name])
      if (problem !== undefined) this.#log.error(`${name} did not close well: ${problem}`)
    }
  }
}

async function inTime(part: Closable, ms: number): Promise<string | undefined> {
  const over = new AbortController()
  const late = sleep(ms, `it took longer than ${ms / SECOND} s`, { signal: over.signal }).catch(() => undefined)
  const closed = part.close().then(
    () => undefined,
    (thrown: unknown) => toKerbsideError(thrown).message,
  )
  return Promise.race([closed, late]).finally(() => over.abort())
}
