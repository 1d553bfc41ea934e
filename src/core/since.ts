/** Since when: a moment with its zone, or a time back from now, as a person writes it. */
import { parseInstant } from './instant.ts'

const UNITS_MS = new Map([
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])

/** @returns milliseconds since the epoch for `90d`, `12h`, `4w` or RFC 3339; undefined for anything else */
export function parseSince(text: string, now: number): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? []
  const unitMs = UNITS_MS.get(unit)
  return count === undefined || unitMs === undefined ? parseInstant(text) : now - Number(count) * unitMs
}
