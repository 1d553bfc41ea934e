/** A lab that cannot go on: one sentence, and on a second line what to do about it. */

export class LabError extends Error {
  override readonly name: string = 'LabError'

  readonly hint: string | undefined

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

/** What was typed cannot be meant: the command line ends with 2, having done nothing. */
export class UsageError extends LabError {
  override readonly name: string = 'UsageError'
}

/** What to print for anything thrown: no stack for what is expected, all of it for a bug. */
export function told(error: unknown): string {
  if (error instanceof LabError) return error.hint === undefined ? error.message : `${error.message}\n  ${error.hint}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
