/** The slice in force, asked at this moment. It is laid out once for each slice, not once for each request. */
import type { Seen } from '../../src/core/hdfs/operation.ts'
import type { HdfsPath } from '../../src/core/hdfs/path.ts'
import type { Target } from '../../src/core/hdfs/target.ts'
import { limitsAt } from '../../src/core/policy/decision/decide.ts'
import type { Decision } from '../../src/core/policy/decision/decision.ts'
import type { Demand } from '../../src/core/policy/decision/demand.ts'
import type { Limits } from '../../src/core/policy/decision/limits.ts'
import type { SliceHead } from '../../src/core/policy/kept-slice.ts'
import type { CurrentSlice } from '../ports.ts'

export type Rules = {
  readonly slice: SliceHead
  decide(demands: readonly Demand[]): Decision
  /** How large what is written there may be. */
  limitsAt(path: HdfsPath): Limits | undefined
}

/**
 * @returns the rules of this moment
 * @throws KerbsideError `not-ready` when there is no slice, or none any more: nothing is decided without one
 */
export function rulesOf(current: CurrentSlice, clock: () => number): () => Rules {
  return () => {
    const slice = current.get()
    const { policy } = slice
    return {
      slice,
      decide: (demands) => policy.decide(demands, clock()),
      limitsAt: (path) => limitsAt(policy.at(clock()), path),
    }
  }
}

/** What an answer may show of a directory, or of the cluster. */
export function seenBy(rules: Rules, target: Target): Seen {
  return { target, isVisible: (needs) => rules.decide(needs).effect === 'allow' }
}
