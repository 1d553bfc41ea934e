/** Two states of a policy directory, and the documents in which they differ. Layout, comments and files make no difference. */

import type { Bundle } from '../bundle.ts'
import { canonicalText } from '../language/build-bundle.ts'
import type { PolicyDocument } from '../language/read-document.ts'

export type State = { readonly documents: readonly PolicyDocument[]; readonly bundle: Bundle }

/** One document that is not as it was: `was` alone is gone, `is` alone is new. */
export type Change = { readonly was?: PolicyDocument; readonly is?: PolicyDocument }

export function changesBetween(base: State, now: State): readonly Change[] {
  const before = byName(base)
  const after = byName(now)
  const changed = [...after].flatMap(([name, is]): Change[] => {
    const was = before.get(name)
    if (was === undefined) return [{ is }]
    return isSame(was, is) ? [] : [{ was, is }]
  })
  const gone = [...before].flatMap(([name, was]): Change[] => (after.has(name) ? [] : [{ was }]))
  return [...changed, ...gone]
}

export const isSame = (one: PolicyDocument, other: PolicyDocument): boolean =>
  canonicalText([one]) === canonicalText([other])

const byName = ({ documents }: State): ReadonlyMap<string, PolicyDocument> =>
  new Map(documents.map((document) => [`${document.kind} ${document.metadata.name}`, document]))
