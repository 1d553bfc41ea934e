/** The "did you mean" of every message: the one choice that a misspelt word is close enough to. */

const LONGEST_COMPARED = 100

/**
 * The choice nearest to what was given, or undefined when none is near: at most one slip (a letter wrong, missing, too
 * many, or two swapped) in every three letters. Upper and lower case count as the same; of equals the first wins.
 */
export function nearest(given: string, choices: Iterable<string>): string | undefined {
  if (given.length > LONGEST_COMPARED) return undefined
  const wanted = given.toLowerCase()
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const choice of choices) {
    if (choice === given || Math.abs(choice.length - given.length) >= fewest) continue
    const slips = distance(wanted, choice.toLowerCase(), fewest)
    if (slips < fewest) {
      best = choice
      fewest = slips
    }
  }
  return best
}

/**
 * Optimal string alignment distance: edits that turn `from` into `to`, a swap of neighbours being one. At `limit` it
 * stops counting: there may be ten thousand choices.
 */
function distance(one: string, other: string, limit: number): number {
  const [from, to] = withoutCommonEnds(one, other)
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  let fewestBefore = 0
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    let fewest = row
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      let edits = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) edits = Math.min(edits, at(beforePrevious, column - 2) + 1)
      current.push(edits)
      fewest = Math.min(fewest, edits)
    }
    // Later rows only add to these two.
    if (fewest >= limit && fewestBefore >= limit) return limit
    beforePrevious = previous
    previous = current
    fewestBefore = fewest
  }
  return at(previous, to.length)
}

/** What is the same at both ends needs no edit. */
function withoutCommonEnds(one: string, other: string): readonly [string, string] {
  const shorter = Math.min(one.length, other.length)
  let before = 0
  while (before < shorter && one[before] === other[before]) before += 1
  let after = 0
  while (after < shorter - before && one.at(-1 - after) === other.at(-1 - after)) after += 1
  return [one.slice(before, one.length - after), other.slice(before, other.length - after)]
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
