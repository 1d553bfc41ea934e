/** Keeps a valid ticket. Never runs two logins at once, and never gives up: it only waits longer. */
import { type KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import {
  type CredentialState,
  failed,
  type Keeping,
  nextStep,
  stateOf,
  succeeded,
} from '../../src/core/kerberos/refresh.ts'
import type { Wait } from '../pause.ts'
import type { Acquired } from './acquire.ts'

export type TicketKeeperOptions = {
  /** Makes the live credential cache anew; the whole work of one login. */
  readonly acquire: (signal: AbortSignal) => Promise<Acquired>
  readonly onAcquired: (acquired: Acquired) => void
  readonly onFailure: (error: KerbsideError) => void
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** A number in [0, 1). */
  readonly chance: () => number
  readonly wait: Wait
}

export type TicketStatus = {
  readonly state: CredentialState
  /** Milliseconds since the epoch; undefined before the first ticket. */
  readonly expiresAt: number | undefined
  readonly lastError: KerbsideError | undefined
}

/** A ticket of this age is not replaced because HDFS refuses it: the fault is elsewhere. */
const TOO_YOUNG_TO_DISTRUST_MS = 5 * 60_000

export class TicketKeeper {
  readonly #options: TicketKeeperOptions
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #keeping: Keeping = {}
  #lastError: KerbsideError | undefined
  #nap = new AbortController()

  constructor(options: TicketKeeperOptions) {
    this.#options = options
    this.#loop = this.#keep(this.#stop.signal)
  }

  status(): TicketStatus {
    return {
      state: stateOf(this.#keeping, this.#options.clock()),
      expiresAt: this.#keeping.ticket?.expiresAt,
      lastError: this.#lastError,
    }
  }

  /**
   * HDFS does not take the ticket, though it still holds: the NameNodes may have got new keys, for which only a new service
   * ticket is good. Logs in early.
   */
  distrust(error: KerbsideError): void {
    const now = this.#options.clock()
    const { ticket } = this.#keeping
    if (ticket === undefined || now < ticket.issuedAt + TOO_YOUNG_TO_DISTRUST_MS) return
    this.#keeping = failed(this.#keeping, error.code, now)
    this.#lastError = error
    this.#nap.abort()
  }

  /** Resolves when no login runs any more. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock, chance, wait } = this.#options
    let jitter = chance()
    while (!signal.aborted) {
      const step = nextStep(this.#keeping, clock(), jitter)
      if (step.do === 'wait') {
        this.#nap = new AbortController()
        await wait(step.ms, AbortSignal.any([signal, this.#nap.signal]))
      } else {
        await this.#login(signal)
        jitter = chance()
      }
    }
  }

  async #login(signal: AbortSignal): Promise<void> {
    const { acquire, onAcquired, onFailure, clock } = this.#options
    try {
      const issuedAt = clock()
      const acquired = await acquire(signal)
      this.#keeping = succeeded({ issuedAt, expiresAt: acquired.expiresAt })
      this.#lastError = undefined
      onAcquired(acquired)
    } catch (thrown) {
      if (signal.aborted) return
      const error = toKerbsideError(thrown)
      this.#keeping = failed(this.#keeping, error.code, clock())
      this.#lastError = error
      onFailure(error)
    }
  }
}
