/** What a grant does, as bits of one number: its actions, in the order of {@link ACTIONS}, and beside them how it does them. */
import { ACTION_INDEX, ACTIONS, type Action } from '../action.ts'
import type { SliceGrant } from '../slice.ts'

export const ALL_ACTIONS = (1 << ACTIONS.length) - 1
/** Whether it denies them. */
export const DENIES = 1 << 14
export const ALLOWS = 0
/** Whether it is in shadow. */
const SHADOW = 1 << 15

/** The bit of an action; 0 for a word that is none, which no mask has. */
export const bitOf = (action: Action): number => {
  const index = ACTION_INDEX.get(action)
  return index === undefined ? 0 : 1 << index
}

export const bitsOf = (actions: readonly Action[]): number => actions.reduce((bits, action) => bits | bitOf(action), 0)

export const maskOf = ({ effect, mode, actions }: SliceGrant): number =>
  bitsOf(actions) | (effect === 'deny' ? DENIES : ALLOWS) | (mode === 'shadow' ? SHADOW : 0)

/** @param withShadow whether grants in shadow count as if they were enforced */
export const counts = (mask: number, withShadow: boolean): boolean => withShadow || (mask & SHADOW) === 0
