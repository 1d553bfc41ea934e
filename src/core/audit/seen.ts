/** Which numbers of a chain were taken, so that one that comes again is not counted twice, in whatever order they come. */

/** From the first to before the second, ascending, never touching each other. A chain that came in order is one range. */
export type Ranges = readonly (readonly [from: number, to: number])[]

/** The ranges with one more number, or nothing when it is among them. */
export function withNumber(ranges: Ranges, number: number): Ranges | undefined {
  let at = ranges.length
  while (at > 0 && (ranges[at - 1]?.[0] ?? 0) > number) at -= 1
  const before = ranges[at - 1]
  const after = ranges[at]
  if (before !== undefined && number < before[1]) return undefined
  const joinsBefore = before?.[1] === number
  const joinsAfter = after?.[0] === number + 1
  const from = joinsBefore ? before[0] : number
  const to = joinsAfter ? after[1] : number + 1
  return [...ranges.slice(0, joinsBefore ? at - 1 : at), [from, to], ...ranges.slice(joinsAfter ? at + 1 : at)]
}
