/** Recorded operations put to a policy, one after the other, by the parser and the decision of the gateway. */
import type { Asked } from '../../audit/asked.ts'
import { REQUEST_REASONS, type Reason } from '../../reasons.ts'
import type { Bundle } from '../bundle.ts'
import type { GrantRef } from '../decision/decision.ts'
import { judge, type Question, type Ruling } from '../decision/judge.ts'
import type { PolicyOver } from '../decision/policy-over.ts'
import type { Trie } from '../decision/trie.ts'
import { type Bounds, policiesOf } from './policies.ts'
import { questionsOf } from './question.ts'

export type Answer = {
  readonly effect: 'allow' | 'deny'
  readonly reason: Reason
  readonly grants: readonly GrantRef[]
  readonly dataset?: string
}

/** What a record does not say, where the answer hangs on it. */
export const UNKNOWNS = {
  'pod-labels': 'grants ask for labels of the pod, which records do not hold',
  parameters: 'the record is older than the parameters in it, and they decide',
  'file-size': 'it was refused for the size of the file, which records of a start do not hold',
} as const
export type Unknown = keyof typeof UNKNOWNS

/** With `dependsOn` it would be denied one way and allowed the other: the rest is why it may be denied. */
export type Put = Answer & { readonly dependsOn?: Unknown }

const REQUEST = new Map<string, string>(Object.entries(REQUEST_REASONS))

/** So many answers are kept; then all are forgotten. */
const MOST_KEPT = 4096

/**
 * @param at the moment to decide for, milliseconds since the epoch; that of the record if absent
 * @returns the answer of the policy about a record. What was refused before policy is refused again; an identity that
 *   the bundle does not have may do nothing.
 */
export function putting(bundle: Bundle, at?: number): (asked: Asked) => Put {
  const policies = policiesOf(bundle)
  const kept = new Map<string, { readonly least: Trie; readonly most: Trie; readonly put: Put }>()

  return (asked) => {
    const { who, what, why } = asked
    if (why.effect === 'deny' && REQUEST.has(why.reason)) return { effect: 'deny', reason: why.reason, grants: [] }
    const bounds = policies(who.identity, who.namespace)
    if (bounds === undefined) return { effect: 'deny', reason: 'unknown-identity', grants: [] }
    const now = at ?? asked.at
    const { operation, path, destination = '', parameters } = what
    const key = `${bounds.id}\n${operation}\n${path}\n${destination}\n${parameters === undefined ? '' : JSON.stringify(parameters)}`
    const before = kept.get(key)
    const [least, most] = [bounds.least.at(now), bounds.most.at(now)]
    if (before !== undefined && before.least === least && before.most === most) return sized(asked, before.put)
    const put = putBetween(bounds, asked, now)
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, { least, most, put })
    return sized(asked, put)
  }
}

/** How large a file would have been, no start says. */
const sized = ({ why }: Asked, put: Put): Put =>
  why.reason === 'file-too-large' && put.effect === 'allow'
    ? { effect: 'deny', reason: 'file-too-large', grants: [], dependsOn: 'file-size' }
    : put

function putBetween({ least, most }: Bounds, asked: Asked, now: number): Put {
  const questions = questionsOf(asked)
  const strict = answerTo(least, questions.most, now)
  if (strict.effect === 'allow' || (least === most && questions.least === questions.most)) return strict
  const lenient = answerTo(most, questions.least, now)
  if (lenient.effect === 'deny') return lenient
  const isForLabels = least !== most && answerTo(most, questions.most, now).effect === 'allow'
  return { ...strict, dependsOn: isForLabels ? 'pod-labels' : 'parameters' }
}

function answerTo(policy: PolicyOver, question: Question, now: number): Answer {
  const { effect, reason, grants, decisions } = judge(policy, question, now)
  const dataset = datasetOf(decisions)
  return { effect, reason, grants, ...(dataset === undefined ? {} : { dataset }) }
}

/** Of the demand that was refused, or of the first. */
const datasetOf = (decisions: Ruling['decisions']): string | undefined =>
  (decisions.find(({ effect }) => effect === 'deny') ?? decisions[0])?.dataset
