/** Whether the clock of a sidecar can have been right: it never goes back, and nothing is written after it was signed. */

export type ClockFaults = {
  /** The number of the record before which it went back the furthest, and by how much. */
  readonly back?: { readonly sequence: number; readonly ms: number }
  /** The record that is the furthest ahead of the checkpoint that signed it. */
  readonly ahead?: { readonly sequence: number; readonly ms: number }
}

export type ClockCheck = {
  /** The next record of the chain. */
  add(record: { readonly sequence: number; readonly time: string }): void
  found(): ClockFaults
}

/** When numbers were signed, by the clock of a broker. */
export type SignedAt = { readonly from: number; readonly to: number; readonly time: string }

/** Two clocks that are both right differ by less, and a step of a clock by less is none. */
const SLACK_MS = 60_000

export function clockCheck(signed: readonly SignedAt[]): ClockCheck {
  const rising = signed.toSorted((one, other) => one.to - other.to)
  let [part, before] = [0, Number.NEGATIVE_INFINITY]
  let faults: ClockFaults = {}
  return {
    add({ sequence, time }) {
      const at = Date.parse(time)
      const backMs = before - at
      if (backMs > Math.max(SLACK_MS, faults.back?.ms ?? 0)) faults = { ...faults, back: { sequence, ms: backMs } }
      before = at
      while ((rising[part]?.to ?? Number.POSITIVE_INFINITY) <= sequence) part += 1
      const by = rising[part]
      if (by === undefined || by.from > sequence) return
      const aheadMs = at - Date.parse(by.time)
      if (aheadMs > Math.max(SLACK_MS, faults.ahead?.ms ?? 0)) faults = { ...faults, ahead: { sequence, ms: aheadMs } }
    },
    found: () => faults,
  }
}
