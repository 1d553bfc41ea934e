/** Transfers that are under way. When policy changes each is decided again, and cut when it is no longer allowed. */
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import type { Demand } from '../../src/core/policy/decision/demand.ts'

/** The "no" of a policy that has changed, or nothing when it still allows. */
export type Judge = (demands: readonly Demand[]) => Told | undefined

type Stream = { readonly demands: readonly Demand[]; readonly stop: AbortController }

export class OpenStreams {
  readonly #streams = new Set<Stream>()
  readonly #judge: Judge

  constructor(judge: Judge) {
    this.#judge = judge
  }

  get size(): number {
    return this.#streams.size
  }

  /**
   * Runs a transfer under watch. Its signal aborts with a {@link Told} as the reason. Decided once more at its start:
   * policy may have changed while the record was written.
   */
  async watch<T>(demands: readonly Demand[], transfer: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const stream = { demands, stop: new AbortController() }
    this.#streams.add(stream)
    this.#recheckOne(stream)
    try {
      return await transfer(stream.stop.signal)
    } finally {
      this.#streams.delete(stream)
    }
  }

  recheck(): void {
    for (const stream of this.#streams) this.#recheckOne(stream)
  }

  cutAll(told: Told): void {
    for (const { stop } of this.#streams) stop.abort(told)
  }

  #recheckOne({ demands, stop }: Stream): void {
    const told = this.#judge(demands)
    if (told !== undefined) stop.abort(told)
  }
}
