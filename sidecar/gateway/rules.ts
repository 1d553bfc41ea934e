/** The slice in force, made ready to decide once for each slice and not once for each request. */
import type { HdfsPath } from '../../src/core/hdfs/path.ts'
import { limitsAt } from '../../src/core/policy/decide.ts'
import type { Decision } from '../../src/core/policy/decision.ts'
import type { Demand } from '../../src/core/policy/demand.ts'
import type { Limits } from '../../src/core/policy/limits.ts'
import { type PolicyOver, policyOver } from '../../src/core/policy/policy-over.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import type { CurrentSlice } from '../ports.ts'

export type Rules = {
  readonly slice: Slice
  decide(demands: readonly Demand[]): Decision
  /** How large what is written there may be. */
  limitsAt(path: HdfsPath): Limits | undefined
}

/**
 * @returns the rules of this moment
 * @throws KerbsideError `not-ready` when there is no slice, or none any more: nothing is decided without one
 */
export function rulesOf(current: CurrentSlice, clock: () => number): () => Rules {
  let ready: { readonly slice: Slice; readonly policy: PolicyOver } | undefined
  return () => {
    const slice = current.get()
    if (ready?.slice !== slice) ready = { slice, policy: policyOver(slice) }
    const { policy } = ready
    return {
      slice,
      decide: (demands) => policy.decide(demands, clock()),
      limitsAt: (path) => limitsAt(policy.at(clock()), path),
    }
  }
}
