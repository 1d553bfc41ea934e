/**
 * Warnings about requests, in a log that a job cannot fill: each is said at once, and when it comes again, once a minute with how
 * often. A job that asks a hundred times a second while there is no ticket would otherwise write a hundred lines.
 */
import { causeFields, type Log } from './log.ts'

const SAY_AGAIN_MS = 60_000
/** Of different ones in a minute, since some name an operation; the rest are counted together. */
const MOST_KNOWN = 100
const OTHERS = 'further warnings about requests'

type Known = { saidAt: number; unsaid: number; cause: unknown }

export type RequestWarningsParts = {
  readonly log: Pick<Log, 'warn'>
  /** Milliseconds of a clock that nobody sets. */
  readonly clock: () => number
}

export class RequestWarnings {
  readonly #parts: RequestWarningsParts
  readonly #known = new Map<string, Known>()
  readonly #timer: NodeJS.Timeout

  constructor(parts: RequestWarningsParts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.look(), SAY_AGAIN_MS / 10).unref()
  }

  warn(message: string, cause?: unknown): void {
    if (this.#known.has(message)) this.#again(message, cause)
    else if (this.#known.size < MOST_KNOWN) this.#say(message, { cause, times: 1 })
    else if (this.#known.has(OTHERS)) this.#again(OTHERS, cause)
    else this.#say(OTHERS, { cause, times: 1 })
  }

  /** Says what has come again a minute after it was said, and forgets what has not. */
  look(): void {
    const now = this.#parts.clock()
    for (const [message, { saidAt, unsaid, cause }] of this.#known) {
      if (now - saidAt < SAY_AGAIN_MS) continue
      if (unsaid > 0) this.#say(message, { cause, times: unsaid })
      else this.#known.delete(message)
    }
  }

  /** Says what is left to be said. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const [message, { unsaid, cause }] of this.#known) if (unsaid > 0) this.#say(message, { cause, times: unsaid })
    this.#known.clear()
  }

  #again(message: string, cause: unknown): void {
    const known = this.#known.get(message)
    if (known === undefined) return
    known.unsaid++
    known.cause = cause
    this.look()
  }

  #say(message: string, { cause, times }: { readonly cause: unknown; readonly times: number }): void {
    this.#known.set(message, { saidAt: this.#parts.clock(), unsaid: 0, cause: undefined })
    this.#parts.log.warn(message, { ...causeFields(cause), ...(times > 1 ? { times } : {}) })
  }
}
