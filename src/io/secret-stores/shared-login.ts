/** A login to a secret store: one for all who ask at the same time, for as long as it lasts. */

/** `endsAt` in milliseconds since the epoch; infinity when it does not end. */
export type Ending = { readonly endsAt: number }

export class SharedLogin<T extends Ending> {
  readonly #logIn: (signal: AbortSignal) => Promise<T>
  #current: { readonly made: Promise<T>; readonly signal: AbortSignal } | undefined

  constructor(logIn: (signal: AbortSignal) => Promise<T>) {
    this.#logIn = logIn
  }

  /** @throws what the login throws; who joined another's login, which that one gave up, begins an own one */
  async get(signal: AbortSignal): Promise<T> {
    for (let shared = this.#current; shared !== undefined; shared = this.#current) {
      const known = await this.#resultOf(shared)
      if (known !== undefined && Date.now() < known.endsAt) return known
      if (this.#current === shared) this.#current = undefined
    }
    const own = { made: this.#logIn(signal), signal }
    this.#current = own
    own.made.catch(() => {
      if (this.#current === own) this.#current = undefined
    })
    return own.made
  }

  async #resultOf({
    made,
    signal,
  }: {
    readonly made: Promise<T>
    readonly signal: AbortSignal
  }): Promise<T | undefined> {
    return made.catch((error: unknown) => {
      if (signal.aborted) return undefined
      throw error
    })
  }

  /** The next who asks logs in anew. Resolves when a login that was under way has come to its end. */
  async forget(): Promise<void> {
    const last = this.#current
    this.#current = undefined
    await last?.made.catch(() => undefined)
  }
}
