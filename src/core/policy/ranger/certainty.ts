/** Yes, no, or nobody knows and why: the three-valued logic by which an export is read that does not say everything. */
import type { Reason } from './reasons.ts'

export type Certainty =
  | { readonly is: 'yes' }
  | { readonly is: 'no' }
  | { readonly is: 'maybe'; readonly why: readonly Reason[] }

export const YES: Certainty = { is: 'yes' }
export const NO: Certainty = { is: 'no' }
export const unsure = (...why: readonly Reason[]): Certainty => ({ is: 'maybe', why })

export function or(one: Certainty, other: Certainty): Certainty {
  if (one.is === 'yes' || other.is === 'yes') return YES
  if (one.is === 'no') return other
  if (other.is === 'no') return one
  return unsure(...new Set([...one.why, ...other.why]))
}

export const not = (one: Certainty): Certainty => (one.is === 'yes' ? NO : one.is === 'no' ? YES : one)

export const and = (one: Certainty, other: Certainty): Certainty => not(or(not(one), not(other)))
