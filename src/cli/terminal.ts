/** What a command may do to a person's terminal: print, in colour where there is one. */

const CODES = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const
export type Colour = keyof typeof CODES

export type Terminal = {
  /** The answer. */
  out(text: string): void
  /** What went wrong. */
  err(text: string): void
  paint(colour: Colour, text: string): string
}

/** @param colours whether to paint at all */
export function terminalOn(out: (text: string) => void, err: (text: string) => void, colours: boolean): Terminal {
  return {
    out: (text) => out(`${text}\n`),
    err: (text) => err(`${text}\n`),
    paint: (colour, text) => (colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
  }
}

/** Rows under a head, each column as wide as its widest cell; painted after they are measured. */
export function table(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows.map((row) =>
    `${indent}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}
