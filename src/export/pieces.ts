/** A batch in pieces that a server takes at once. */
import type { Taken } from './follow.ts'

/** In their order. Each has at least one record, and one that has several has at most `units` UTF-16 units of lines. */
export function piecesOf(records: readonly Taken[], units: number): readonly (readonly Taken[])[] {
  const pieces: Taken[][] = []
  let length = Number.POSITIVE_INFINITY
  for (const record of records) {
    if (length + record.line.length > units) {
      pieces.push([])
      length = 0
    }
    pieces.at(-1)?.push(record)
    length += record.line.length
  }
  return pieces
}
