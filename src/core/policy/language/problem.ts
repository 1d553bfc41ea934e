/** What is wrong in a policy directory, and where: one line that an editor can jump to, and maybe a second that says what to do. */
import { printable } from '../../audit/printable.ts'

/** Line and column are counted from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

export type Problem = Place & {
  /** Lower-case, no final period, the offending text in backticks. */
  readonly message: string
  readonly hint?: string
}

/** One document as it was read, with a way back to where each of its values is written. */
export type Source = {
  readonly file: string
  /** Undefined when the file could not be read at all. */
  readonly value: unknown
  /** What is wrong with it as YAML. */
  readonly problems: readonly Problem[]
  /** Whether the value is all that is written there, so that its fields can be checked. */
  readonly isIntact: boolean
  /** Where the value at a path stands, or the key that names it; of a path that is not there, its nearest parent. */
  place(path: readonly PropertyKey[], part?: 'key' | 'value'): Place
}

/** `quant/access.yaml:12:7: no dataset is called …`, and the hint indented below. */
export function formatProblem({ file, line, column, message, hint }: Problem): string {
  const said = `${printable(file)}:${line}:${column}: ${message}`
  return hint === undefined ? said : `${said}\n  ${hint}`
}

/** As someone meets them who reads the files in order of their names. */
export function inFileOrder<T extends Place>(problems: readonly T[]): readonly T[] {
  return [...problems].sort((one, other) => {
    if (one.file !== other.file) return one.file < other.file ? -1 : 1
    return one.line - other.line || one.column - other.column
  })
}

/** `quant/access.yaml:12`, as it stands in slices and audit records. */
export const lineOf = ({ file, line }: Place): string => `${file}:${line}`

export const didYouMean = (near: string | undefined): { readonly hint?: string } =>
  near === undefined ? {} : { hint: `did you mean \`${near}\`?` }
