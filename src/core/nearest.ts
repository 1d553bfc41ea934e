/** The "did you mean" of every message: the one choice that a misspelt word is close enough to. */

const LONGEST_COMPARED = 100

/**
 * The choice nearest to what was given, or undefined when none is near: at most one slip (a letter wrong, missing, too
 * many, or two swapped) in every three letters. Upper and lower case count as the same; of equals the first wins.
 */
export function nearest(given: string, choices: Iterable<string>): string | undefined {
  if (given.length > LONGEST_COMPARED) return undefined
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const choice of choices) {
    if (choice === given || Math.abs(choice.length - given.length) >= fewest) continue
    const slips = distance(given.toLowerCase(), choice.toLowerCase())
    if (slips < fewest) {
      best = choice
      fewest = slips
    }
  }
  return best
}

/** Optimal string alignment distance: edits that turn `from` into `to`, a swap of neighbours being one. */
function distance(from: string, to: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
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
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, to.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
