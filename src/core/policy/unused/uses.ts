/**
 * What recorded operations used of a policy. An operation uses every allow that its demands would lack, were all others
 * gone: so much is counted that a grant without a use can go, and not one decision about these records changes. Where a
 * record does not say what decides (labels of the pod, old parameters), whatever may have been used counts as used.
 *
 * It does not matter whether the operation was allowed when it was recorded: what would be allowed today is a use of
 * today's grants. Grants in shadow decide nothing, so nothing uses them.
 */
import type { Asked, Other } from '../../audit/asked.ts'
import { CHILDREN } from '../../hdfs/answers/children.ts'
import { PAGE } from '../../hdfs/answers/page.ts'
import { demandOfParents, on } from '../../hdfs/demands.ts'
import { findOperation } from '../../hdfs/operations.ts'
import type { ParameterName } from '../../hdfs/parameters.ts'
import type { HdfsPath } from '../../hdfs/path.ts'
import { REQUEST_REASONS } from '../../reasons.ts'
import type { Action } from '../action.ts'
import type { Bundle } from '../bundle.ts'
import type { Decision } from '../decision/decision.ts'
import type { Demand } from '../decision/demand.ts'
import { judge, type Question } from '../decision/judge.ts'
import type { PolicyOver } from '../decision/policy-over.ts'
import type { Trie } from '../decision/trie.ts'
import { assumingLabels, type Bounds, policiesOf } from '../replay/policies.ts'
import { questionsOf } from '../replay/question.ts'
import { type Ground, groundOf } from './ground.ts'

/** Times are milliseconds since the epoch, and the last ones. */
export type Use = { readonly grant: string; readonly action: Action; last: number }
export type Hit = { readonly deny: string; last: number }
/** Looking at an ancestor uses no one grant, but needs one of these to stay. */
export type Way = { readonly path: HdfsPath; readonly grants: readonly string[]; last: number }
/** Of a sidecar's log; one that does not begin with record 0 was cut. */
export type Log = { firstSequence: number; firstAt: number }

export type Uses = {
  readonly records: number
  readonly from?: number
  readonly until?: number
  readonly uses: readonly Readonly<Use>[]
  readonly hits: readonly Readonly<Hit>[]
  readonly ways: readonly Readonly<Way>[]
  /** By name: of any record. */
  readonly identities: ReadonlyMap<string, number>
  readonly logs: ReadonlyMap<string, Readonly<Log>>
}

type Used = readonly { last: number }[]

const NEVER = Number.NEGATIVE_INFINITY
const LOOKS: readonly Action[] = ['stat', 'list']

const MOST_KEPT = 4096

export function collectingUses(bundle: Bundle): { take(record: Asked | Other): void; result(): Uses } {
  const policies = policiesOf(bundle)
  const lenient = assumingLabels(bundle)
  const forLabels = new Set(bundle.grants.filter(({ pods }) => pods?.selector !== undefined).map(({ name }) => name))
  const grounds = new Map<number, Ground>()
  const kept = new Map<string, { readonly least: Trie; readonly most: Trie; readonly used: Used }>()
  const uses = new Map<string, Use>()
  const hits = new Map<string, Hit>()
  const ways = new Map<string, Way>()
  const identities = new Map<string, number>()
  const logs = new Map<string, Log>()
  let records = 0
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

  function usedBy(asked: Asked): Used {
    const { who, what, why, at } = asked
    if (why.effect === 'deny' && Object.hasOwn(REQUEST_REASONS, why.reason)) return []
    const bounds = policies(who.identity, who.namespace)
    if (bounds === undefined) return []
    const { operation, path, destination = '', parameters } = what
    const key = JSON.stringify([bounds.id, operation, path, destination, parameters])
    const [least, most] = [bounds.least.at(at), bounds.most.at(at)]
    const before = kept.get(key)
    if (before !== undefined && before.least === least && before.most === most) return before.used
    const used = lookAt(bounds, asked)
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, { least, most, used })
    return used
  }

  function lookAt(bounds: Bounds, asked: Asked): Used {
    const { who, at } = asked
    const identity = bundle.identities.get(who.identity)
    if (identity === undefined) return []
    const ground = grounds.get(bounds.id) ?? groundOf(lenient, identity, { namespace: bounds.namespace, forLabels })
    grounds.set(bounds.id, ground)
    const { least, most } = questionsOf(asked)
    const decisionsOf = (policy: PolicyOver, question: Question) => judge(policy, question, at).decisions
    const allowed = decisionsOf(bounds.most, least)
    const isOne = bounds.least === bounds.most && least === most
    const strict = isOne ? allowed : decisionsOf(bounds.least, most)
    const denied = strict.filter(({ reason }) => reason === 'denied-by-grant')
    const isAllowed = allowed.length > 0 && allowed.every(({ effect }) => effect === 'allow')
    // Of parameters that are not known, any part may have been asked for: the least, or what more of it is allowed.
    const possible = isOne ? [] : decisionsOf(bounds.most, most).filter(({ effect }) => effect === 'allow')
    const maybe = isAllowed ? [...allowed, ...possible] : []
    return [
      ...denied.flatMap(({ grants }) => grants.map(({ name }) => one(hits, name, () => ({ deny: name, last: NEVER })))),
      ...[...maybe, ...(isAllowed ? besides(bounds, most, allowed, at) : [])].flatMap((decision) =>
        behind(ground, decision, { at, isForLabels: bounds.least !== bounds.most }),
      ),
    ]
  }

  function behind(
    ground: Ground,
    { demand, reason }: Decision,
    { at, isForLabels }: { readonly at: number; readonly isForLabels: boolean },
  ): Used {
    const { action, path, scope } = demand
    const rests = ground
      .behind(demand, at)
      .map(({ name }) => one(uses, `${name}\n${action}`, () => ({ grant: name, action, last: NEVER })))
    // With other labels, what is granted here may only lead on.
    const mayLead = reason === 'ancestor' || (isForLabels && LOOKS.includes(action) && scope === 'this')
    const lists = mayLead ? ground.ledTo(path, at).map((grants) => grants.map(({ name }) => name)) : []
    const leads = lists.map((grants) =>
      one(ways, JSON.stringify([path, grants]), () => ({ path, grants, last: NEVER })),
    )
    return [...rests, ...leads]
  }

  return {
    take(record) {
      const { at, sidecar, sequence } = record
      records += 1
      from = Math.min(from, at)
      until = Math.max(until, at)
      const log = one(logs, sidecar, () => ({ firstSequence: sequence, firstAt: at }))
      if (sequence < log.firstSequence) Object.assign(log, { firstSequence: sequence, firstAt: at })
      if (!('who' in record)) return
      const { identity } = record.who
      identities.set(identity, Math.max(identities.get(identity) ?? at, at))
      if ('what' in record) for (const use of usedBy(record)) use.last = Math.max(use.last, at)
    },
    result: () => ({
      records,
      ...(records === 0 ? {} : { from, until }),
      uses: [...uses.values()],
      hits: [...hits.values()],
      ways: [...ways.values()],
      identities,
      logs,
    }),
  }
}

/** What an operation rests on beside its demands: the rows of its answer, and the parents that HDFS makes for it. */
function besides({ most }: Bounds, { operation, parameters }: Question, [first]: readonly Decision[], at: number) {
  const row = findOperation(operation)
  if (row === undefined || first === undefined) return []
  const { path } = first.demand
  const demands: (Demand | undefined)[] = [
    row.filter === CHILDREN || row.filter === PAGE ? on('stat', path) : undefined,
    row.name === 'CREATE'
      ? demandOfParents({ path, parameters: parameters as ReadonlyMap<ParameterName, string> })
      : undefined,
  ]
  return demands
    .filter((demand) => demand !== undefined)
    .map((demand) => most.decide([demand], at))
    .filter(({ effect }) => effect === 'allow')
}

function one<K, T>(known: Map<K, T>, key: K, make: () => T): T {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  return made
}
