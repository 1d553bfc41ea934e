/** An operation as a person writes it, put to policy as the gateway would: for `explain` and for PolicyTests. */
import { findOperation } from '../hdfs/operations.ts'
import { demandsOf, PREFIX, parseRequest } from '../hdfs/request.ts'
import type { Reason } from '../reasons.ts'
import { decide, decideDemand } from './decide.ts'
import type { Decision, GrantRef } from './decision.ts'
import type { Demand } from './demand.ts'
import type { Trie } from './trie.ts'

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
  /** Each demand with its own answer; none when the request never reached policy, or names no path. */
  readonly decisions: readonly Decision[]
}

/** What the gateway would do with the operation, at a moment in milliseconds since the epoch. */
export function judge(trie: Trie, question: Question, now: number): Ruling {
  const operation = findOperation(question.operation)
  const method = typeof operation === 'object' ? operation.method : 'GET'
  const target = targetOf(question)
  if (target === undefined) return { effect: 'deny', reason: 'bad-encoding', grants: [], decisions: [] }
  const request = parseRequest(method, target)
  if ('refuse' in request) return { effect: 'deny', reason: request.refuse, grants: [], decisions: [] }
  if (request.operation.answeredBy === 'local') {
    return { effect: 'allow', reason: 'local-answer', grants: [], decisions: [] }
  }
  return judgeDemands(trie, demandsOf(request), now)
}

/** The same for demands that were made already. */
export function judgeDemands(trie: Trie, demands: readonly Demand[], now: number): Ruling {
  const { effect, reason, grants } = decide(trie, demands, now)
  return { effect, reason, grants, decisions: demands.map((demand) => decideDemand(trie, demand, now)) }
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
