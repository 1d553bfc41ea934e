/** An operation as a person writes it, put to policy as the gateway would: for `explain` and for PolicyTests. */
import { limitRefusal, overruled } from '../../hdfs/limit-refusal.ts'
import { findOperation } from '../../hdfs/operations.ts'
import { demandsOf, PREFIX, parseRequest } from '../../hdfs/request.ts'
import type { Reason } from '../../reasons.ts'
import { decideDemand, limitsAt } from './decide.ts'
import type { Decision, GrantRef, ShadowDecision } from './decision.ts'
import type { Demand } from './demand.ts'
import type { PolicyOver } from './policy-over.ts'

export type Question = {
  readonly operation: string
  /** Not encoded: the path that the client means. */
  readonly path: string
  readonly destination?: string
  readonly parameters: ReadonlyMap<string, string>
}

export type Ruling = {
  readonly effect: 'allow' | 'deny'
  readonly reason: Reason
  readonly grants: readonly GrantRef[]
  readonly shadow?: ShadowDecision
  /** Each demand with its own answer; none when the request never reached policy, or names no path. */
  readonly decisions: readonly Decision[]
}

/** What the gateway would do with the operation, at a moment in milliseconds since the epoch. */
export function judge(policy: PolicyOver, question: Question, now: number): Ruling {
  const operation = findOperation(question.operation)
  const method = operation?.method ?? 'GET'
  const target = targetOf(question)
  if (target === undefined) return { effect: 'deny', reason: 'bad-encoding', grants: [], decisions: [] }
  const request = parseRequest(method, target)
  if ('refuse' in request) return { effect: 'deny', reason: request.refuse, grants: [], decisions: [] }
  const { free } = request.operation
  if (free !== undefined) return { effect: 'allow', reason: free, grants: [], decisions: [] }
  const ruling = judgeDemands(policy, demandsOf(request), now)
  const refusal = limitRefusal(limitsAt(policy.at(now), request.target.path), request, 0)
  return { ...ruling, ...overruled(ruling, refusal, policy.mode) }
}

/** The same for demands that were made already. */
export function judgeDemands(policy: PolicyOver, demands: readonly Demand[], now: number): Ruling {
  const { effect, reason, grants, shadow } = policy.decide(demands, now)
  const decisions = demands.map((demand) => decideDemand(policy.at(now), demand))
  return { effect, reason, grants, ...(shadow === undefined ? {} : { shadow }), decisions }
}

/** The request target that a client would send; nothing for text that has no UTF-8. */
function targetOf({ operation, path, destination, parameters }: Question): string | undefined {
  const pairs = [['op', operation], ...parameters, ...(destination === undefined ? [] : [['destination', destination]])]
  try {
    const query = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
    return `${PREFIX}${path.split('/').map(encodeURIComponent).join('/')}?${query}`
  } catch {
    return undefined
  }
}
