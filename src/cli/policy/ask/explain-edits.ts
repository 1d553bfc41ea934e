/** Edits that would allow a refused operation, under a heading. */
import { editLines } from '../../../core/policy/answers/edit-lines.ts'
import type { Edit } from '../../../core/policy/answers/remedy.ts'

export function describeEdits(edits: readonly Edit[] | undefined): readonly string[] {
  if (edits === undefined) return ['no edit of the policy allows it']
  const heading =
    edits.length === 1 ? 'the smallest edit that allows it:' : 'the smallest edits that together allow it:'
  return [heading, ...edits.flatMap(editLines)]
}
