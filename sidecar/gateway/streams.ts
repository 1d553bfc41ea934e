/** Transfers that are under way. When policy changes each is decided again, and cut when it is no longer allowed. */
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import type { Demand } from '../../src/core/policy/decision/demand.ts'
import type { Reason } from '../../src/core/reasons.ts'
import type { Outcome } from './outcome.ts'

/** What a client is told, and what stands in the end record. */
export type Cut = { readonly told: Told; readonly reason?: Reason }

/** The "no" of a policy that has changed, or nothing when it still allows. */
export type Judge = (demands: readonly Demand[]) => Cut | undefined

type Stream = { readonly demands: readonly Demand[]; readonly stop: AbortController; reason?: Reason }

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
   * policy may have changed while the record was written. Where that cut it, the outcome says by which reason.
   */
  async watch(demands: readonly Demand[], transfer: (stop: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    const stream: Stream = { demands, stop: new AbortController() }
    this.#streams.add(stream)
    this.#recheckOne(stream)
    try {
      const outcome = await transfer(stream.stop.signal)
      const { reason } = stream
      const isStopped = outcome.cut || outcome.status >= 400
      return isStopped && reason !== undefined ? { reason, ...outcome } : outcome
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

  #recheckOne(stream: Stream): void {
    const cut = this.#judge(stream.demands)
    if (cut === undefined || stream.stop.signal.aborted) return
    if (cut.reason !== undefined) stream.reason = cut.reason
    stream.stop.abort(cut.told)
  }
}
