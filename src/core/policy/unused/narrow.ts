/** The fewest words for what is used of an allow: its own words where they fit, presets before single actions. */
import { ACTIONS, type Action, type ActionWord, spellOut } from '../action.ts'

/** What has to stay so that all used actions do: the word `read` brings `stat` and `list` along. */
export function staying(used: ReadonlySet<Action>): readonly Action[] {
  const brought = used.has('read') ? spellOut('allow', ['read']) : []
  return ACTIONS.filter((action) => used.has(action) || brought.includes(action))
}

/** Largest first. */
const PRESET_WORDS = ['manage', 'write', 'read'] as const satisfies readonly ActionWord[]

/**
 * Words that allow exactly `stay`, which {@link staying} gave.
 * @param words of the grant, in its order; those that allow nothing else are kept
 */
export function narrowed(words: readonly ActionWord[], stay: readonly Action[]): readonly ActionWord[] {
  const fits = (word: ActionWord) => spellOut('allow', [word]).every((action) => stay.includes(action))
  const kept = words.filter(fits)
  const missing = (chosen: readonly ActionWord[]) => {
    const allowed = spellOut('allow', chosen)
    return stay.filter((action) => !allowed.includes(action))
  }
  if (missing(kept).length === 0) return kept
  const preset = PRESET_WORDS.find((word) => fits(word))
  const chosen = preset === undefined ? kept : [...new Set([...kept, preset])]
  return [...chosen, ...missing(chosen)]
}
