/** A change that no test sees, and the explanations that say of some why none could. */
import { EXPLAINED } from './explained.ts'

export type Survivor = {
  /** From the top of the repository. */
  readonly file: string
  readonly line: number
  /** The line as it stands, and what in it became what. */
  readonly code: string
  readonly from: string
  readonly to: string
}

export type Explanation = {
  readonly file: string
  /** A part of the line, or of the function's name where it opens a block. */
  readonly code: string
  /** Of what was changed into what, as `from → to`; every change of the line when absent. */
  readonly changes?: readonly string[]
  readonly why: string
}

export const changeOf = ({ from, to }: Survivor): string => `${flat(from)} → ${flat(to)}`

/** Why no test can see it, where somebody has found out. */
export const whyOf = (survivor: Survivor): Explanation | undefined =>
  EXPLAINED.find(
    ({ file, code, changes }) =>
      survivor.file.endsWith(`/${file}`) &&
      survivor.code.includes(code) &&
      (changes === undefined || changes.includes(changeOf(survivor))),
  )

/** Explanations of what does not survive, or is no more. */
export const needless = (survivors: readonly Survivor[]): readonly Explanation[] => {
  const used = new Set(survivors.map(whyOf))
  return EXPLAINED.filter((explanation) => !used.has(explanation))
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
