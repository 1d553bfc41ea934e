/** How the bench says what it found: rows of what was measured, ours, what stands beside it, and the ratio last. */

export type Row = { readonly what: string; readonly ours: string; readonly beside: string; readonly ratio: string }

const WIDTHS = [66, 14, 24, 8] as const

export function header(title: string): void {
  console.log()
  print([title, 'ours', 'beside', 'ratio'], WIDTHS)
}

export const say = ({ what, ours, beside, ratio }: Row): void => print([what, ours, beside, ratio], WIDTHS)

/** Ours by what stands beside it: below one is better for times and sizes. */
export const ratio = (ours: number, beside: number): string => `${(ours / beside).toFixed(2)}×`

/** A row whose measure is a goal. */
export function sayGoal(what: string, ours: number, goal: number, unit: string, digits = 0): void {
  const written = (value: number) => `${value.toLocaleString('en-US', { maximumFractionDigits: digits })} ${unit}`
  say({ what, ours: written(ours), beside: `goal ≤ ${written(goal)}`, ratio: ratio(ours, goal) })
}

export function print(cells: readonly string[], widths: readonly number[]): void {
  const padded = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0))
  console.log(padded.join('  ').trimEnd())
}
