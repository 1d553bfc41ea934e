/** What policy answers: an effect, a reason from a closed list, and the grants it rests on. */
import type { PolicyReason } from '../../reasons.ts'
import type { Demand } from './demand.ts'

/** A grant as a reviewer finds it: its name and where it is written. */
export type GrantRef = {
  readonly name: string
  /** `teams/quant.yaml:12`, relative to the policy directory. */
  readonly at: string
}

export type Decision = {
  readonly effect: 'allow' | 'deny'
  readonly reason: PolicyReason
  /** Grants the decision rests on: for `allow` those that allow, for `deny` those that deny. Empty when nothing applies. */
  readonly grants: readonly GrantRef[]
  /** Innermost dataset of the demanded path that decided, when the path is in one. */
  readonly dataset?: string
  /** The demand that was refused, or the first one of an allowed operation. */
  readonly demand: Demand
  /** What the decision would have been with everything enforced that is in shadow, where that is another one. */
  readonly shadow?: ShadowDecision
  /** What would have been written and the most that may be, when a limit refused what grants allow. */
  readonly limit?: { readonly wanted: number; readonly most: number }
}

export type ShadowDecision = Pick<Decision, 'effect' | 'reason' | 'grants'>
