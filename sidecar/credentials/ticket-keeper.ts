/** Keeps a valid ticket. Never runs two logins at once, and never gives up: it only waits longer. */
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import { failed, type Keeping, nextStep, stateOf, succeeded, unchanged } from '../../src/core/kerberos/refresh.ts'
import type { Wait } from '../pause.ts'
import type { Acquired } from './acquire.ts'
import type { KeptStatus } from './changes.ts'

export type TicketKeeperOptions = {
  /** Makes the live credential cache anew, or only if its keytab has changed; the whole work of one login. */
  readonly acquire: (signal: AbortSignal, how: { readonly unlessUnchanged: boolean }) => Promise<Acquired | 'unchanged'>
  readonly onAcquired: (acquired: Acquired) => void
  readonly onFailure: (error: KerbsideError) => void
  /** Called after anything that may have changed the status. */
  readonly onStatus: () => void
  /** Milliseconds of a clock that nobody sets. */
  readonly clock: () => number
  /** A number in [0, 1). */
  readonly chance: () => number
  readonly wait: Wait
  /** How often to look whether the secret store has another keytab. */
  readonly lookMs: number
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

  status(): KeptStatus {
    return {
      state: stateOf(this.#keeping, this.#options.clock()),
      issuedAt: this.#keeping.ticket?.issuedAt,
      expiresAt: this.#keeping.ticket?.expiresAt,
      lastError: this.#lastError,
    }
  }

  /**
   * libkrb5 writes to the live cache each time that it finds an ended ticket in it (krb5 ticket 9178), and HDFS takes none.
   * @throws KerbsideError why the ticket was not refreshed, once it has ended
   */
  assertHolds(): void {
    const { state, lastError } = this.status()
    if (state === 'expired') throw lastError ?? new KerbsideError('not-ready', 'the ticket has ended')
  }

  /**
   * HDFS does not take the ticket, though it still holds: the NameNodes may have got new keys, for which only a new service
   * ticket is good. Logs in early.
   */
  distrust(error: KerbsideError): void {
    const now = this.#options.clock()
    const { ticket } = this.#keeping
    if (ticket === undefined || now < ticket.issuedAt + TOO_YOUNG_TO_DISTRUST_MS) return
    this.#keeping = { ...failed(this.#keeping, error.code, now), isDistrusted: true }
    this.#lastError = error
    this.#options.onStatus()
    this.#nap.abort()
  }

  /** Logs in now, because the clock was set or the machine slept; what failed before is tried again at once. */
  refresh(): void {
    const { failures: _failures, ...keeping } = this.#keeping
    this.#keeping = { ...keeping, isDistrusted: true }
    this.#nap.abort()
  }

  /** Resolves when no login runs any more. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock, chance, wait, lookMs } = this.#options
    let jitter = chance()
    while (!signal.aborted) {
      const step = nextStep(this.#keeping, clock(), { jitter, lookMs })
      if (step.do === 'wait') {
        this.#nap = new AbortController()
        await wait(step.ms, AbortSignal.any([signal, this.#nap.signal]))
        // Not with each failure: what is to be refreshed by now must not be too young for it the next time.
      } else if ((await this.#login(signal, step.do === 'look')) === 'acquired') jitter = chance()
    }
  }

  async #login(signal: AbortSignal, unlessUnchanged: boolean): Promise<'acquired' | 'unchanged' | 'failed'> {
    const { acquire, onAcquired, onFailure, onStatus, clock } = this.#options
    const issuedAt = clock()
    let outcome: 'acquired' | 'unchanged' | 'failed'
    try {
      const acquired = await acquire(signal, { unlessUnchanged })
      this.#lastError = undefined
      if (acquired === 'unchanged') {
        this.#keeping = unchanged(this.#keeping, clock())
        outcome = acquired
      } else {
        // Issued after we began, so it holds a little longer than this says.
        this.#keeping = succeeded({ issuedAt, expiresAt: issuedAt + acquired.lifeMs })
        onAcquired(acquired)
        outcome = 'acquired'
      }
    } catch (thrown) {
      if (signal.aborted) return 'failed'
      const error = toKerbsideError(thrown)
      this.#keeping = failed(this.#keeping, error.code, clock())
      this.#lastError = error
      onFailure(error)
      outcome = 'failed'
    }
    onStatus()
    return outcome
  }
}
