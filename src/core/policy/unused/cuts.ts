/** The least-privilege edit by file: which grants go, and which are left with fewer words. */
import type { ActionWord } from '../action.ts'
import { narrowed } from './narrow.ts'
import type { Unused } from './unused.ts'

/** `line` is where the document's content begins, from 1. */
export type Cut =
  | { readonly line: number; readonly do: 'remove' }
  | {
      readonly line: number
      readonly do: 'narrow'
      /** @param words of the grant as they are written */
      narrow(words: readonly ActionWord[]): readonly ActionWord[]
    }

/** By name of the file, relative to the policy directory; in order. */
export function cutsByFile({ grants, actions }: Unused): ReadonlyMap<string, readonly Cut[]> {
  const cuts = [
    ...grants.map(({ at }) => ({ ...placeOf(at), do: 'remove' as const })),
    ...actions.map(({ at, stay }) => ({
      ...placeOf(at),
      do: 'narrow' as const,
      narrow: (words: readonly ActionWord[]) => narrowed(words, stay),
    })),
  ]
  const sorted = cuts.toSorted((one, other) =>
    one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1,
  )
  return Map.groupBy(sorted, ({ file }) => file)
}

function placeOf(at: string): { readonly file: string; readonly line: number } {
  const colon = at.lastIndexOf(':')
  return { file: at.slice(0, colon), line: Number(at.slice(colon + 1)) }
}
