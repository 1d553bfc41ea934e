/** Time that passes only when someone waits for it: stands for the clock and the timers of a sidecar that lives for days. */

export class FakeTime {
  now = 1_795_632_000_000
  #waiting: { readonly at: number; readonly wake: () => void }[] = []

  readonly clock = () => this.now
  readonly chance = () => 0.5

  readonly wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const one = { at: this.now + Math.max(ms, 1), wake: resolve }
      this.#waiting.push(one)
      signal.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter((other) => other !== one)
        resolve()
      })
    })

  /** Lets this much time pass, waking whoever waited, in order. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      await settle()
      const next = this.#waiting.toSorted((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.#waiting = this.#waiting.filter((other) => other !== next)
      this.now = next.at
      next.wake()
    }
    this.now = end
    await settle()
  }
}

/** Everything that can happen without time passing has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
