/** The time in which no broker is heard: told when it begins, once a minute, and when it ends, in the log and on record. */
import type { KerbsideError } from '../../src/core/errors.ts'
import type { Log } from '../log.ts'

const SAY_AGAIN_MS = 60_000

export type OutageParts = {
  readonly log: Log
  /** Milliseconds of a clock that is never set. */
  readonly clock: () => number
  /** Whether the last slice counts still, in milliseconds that it does; undefined before there was one. */
  readonly leftMs: () => number | undefined
  /** Takes what stands in the audit log. */
  readonly tell: (detail: string) => void
  /** How often it looks whether the time is over. */
  readonly lookMs: number
  /** Called once when nothing counts any more. */
  readonly onOver: (why: KerbsideError) => void
}

export class Outage {
  readonly #parts: OutageParts
  #timer: NodeJS.Timeout | undefined
  #beganAt = 0
  #why: KerbsideError | undefined
  #saidAt = Number.NEGATIVE_INFINITY
  #isOver = false

  constructor(parts: OutageParts) {
    this.#parts = parts
  }

  /** Why the last try failed; undefined while the broker is heard. */
  get why(): KerbsideError | undefined {
    return this.#why
  }

  /** A try to hear the broker failed. The same reason is said once a minute, another one at once. */
  failed(error: KerbsideError): void {
    const { clock, leftMs, tell, lookMs } = this.#parts
    const isNews = this.#why?.message !== error.message
    const isFirst = this.#why === undefined
    this.#why = error
    if (isFirst) {
      this.#beganAt = clock()
      this.#isOver = false
      this.#timer = setInterval(() => this.look(), lookMs).unref()
      const left = leftMs()
      if (left !== undefined && left > 0) tell(`stale: no broker is heard (${error.code}), ${counting(left)}`)
    }
    if (isNews) this.#say()
    this.look()
  }

  /** The broker has sent a slice. */
  ended(): void {
    clearInterval(this.#timer)
    if (this.#why === undefined) return
    const { log, clock, tell, leftMs } = this.#parts
    this.#why = undefined
    if (leftMs() === undefined) return
    const seconds = Math.round((clock() - this.#beganAt) / 1000)
    log.info('the broker is heard again', { seconds })
    tell(`heard again after ${seconds} s`)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Not left to the next failed try: a connection that neither fails nor succeeds must not prolong anything. */
  look(): void {
    if (this.#why === undefined) return
    const { clock, leftMs, log, tell, onOver } = this.#parts
    const left = leftMs()
    if (!this.#isOver && left !== undefined && left <= 0) {
      this.#isOver = true
      const { code } = this.#why
      log.error('nothing is allowed any more, until the broker sends a policy slice again', { code })
      tell(`closed: nothing is allowed until a broker is heard (${code})`)
      onOver(this.#why)
    }
    if (clock() - this.#saidAt >= SAY_AGAIN_MS) this.#say()
  }

  #say(): void {
    if (this.#why === undefined) return
    const { clock, log, leftMs } = this.#parts
    this.#saidAt = clock()
    const { code, message, hint } = this.#why
    const left = leftMs()
    log.warn(message, {
      code,
      ...(hint === undefined ? {} : { hint }),
      ...(left === undefined ? {} : { policyCountsSeconds: Math.round(left / 1000) }),
    })
  }
}

const counting = (leftMs: number): string => `the last slice counts for another ${Math.round(leftMs / 1000)} s`
