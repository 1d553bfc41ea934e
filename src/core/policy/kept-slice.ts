/** A slice as a sidecar keeps it: laid out to decide by, without the grants and places that it was laid out from. */
import { type PolicyOver, policyOver } from './decision/policy-over.ts'
import type { Slice } from './slice.ts'

/** What a slice says beside its rules. */
export type SliceHead = Omit<Slice, 'grants' | 'places'>

export type KeptSlice = SliceHead & { readonly policy: PolicyOver }

/** Half of the memory of a large slice is what it was read into, which nothing asks for any more once it is laid out. */
export function keepSlice(slice: Slice): KeptSlice {
  const { grants: _grants, places: _places, ...head } = slice
  return { ...head, policy: policyOver(slice) }
}

/** The same identity with nothing granted: what is left when nobody stands behind a slice any more. Never in shadow. */
export const closedSlice = ({ policy: _policy, ...head }: KeptSlice): KeptSlice =>
  keepSlice({ ...head, mode: 'enforce', grants: [], places: [] })
