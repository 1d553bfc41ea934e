/** What another policy would have done with recorded operations: what flips, by team, dataset and operation. */
import type { Asked } from '../../audit/asked.ts'
import type { Bundle } from '../bundle.ts'
import { type Put, putting, type Unknown } from './put.ts'

export type Change = 'allow-to-deny' | 'deny-to-allow' | `depends-on-${Unknown}`

/** One operation of a group. */
export type Example = {
  readonly sidecar: string
  readonly sequence: number
  /** `UID-0.ndjson:12`. */
  readonly at: string
  readonly identity: string
  readonly path: string
  readonly destination?: string
  readonly recorded: { readonly reason: string; readonly grants: readonly string[] }
  readonly now: { readonly reason: string /** `name@teams/quant.yaml:12`. */; readonly grants: readonly string[] }
}

export type Group = {
  readonly change: Change
  readonly team: string
  /** Of the new policy where the path is in one; else of the record. */
  readonly dataset?: string
  readonly operation: string
  count: number
  /** Milliseconds since the epoch. */
  first: number
  last: number
  /** Decided by this very bundle, when they were recorded: that the answer is another one is a finding. */
  ofThisBundle: number
  example: Example
}

export type Replayed = {
  readonly bundle: string
  readonly records: number
  /** Records of a start. */
  readonly operations: number
  readonly from?: number
  readonly until?: number
  /** Most first, what would be denied before what would be allowed. */
  readonly groups: readonly Readonly<Group>[]
  /** That records name and the new policy does not have. */
  readonly unknownIdentities: readonly string[]
}

/** Operations that no policy tells apart, as one: how many, and when the first and the last of them were. */
export type Alike = { readonly count: number; readonly first: number; readonly last: number }

export type Replay = {
  /**
   * @param place where the line stands; asked for examples only
   * @param alike of operations that are alike, when `asked` stands for all of them
   */
  take(asked: Asked, place: () => string, alike?: Alike): void
  /** Of another record than a start. */
  pass(at: number): void
  result(): Replayed
}

const ORDER = [
  'allow-to-deny',
  'deny-to-allow',
  'depends-on-pod-labels',
  'depends-on-parameters',
  'depends-on-file-size',
]

/** @param at as {@link putting} takes it */
export function replaying(bundle: Bundle, at?: number): Replay {
  const put = putting(bundle, at)
  const groups = new Map<string, Group>()
  const unknown = new Set<string>()
  let [records, operations] = [0, 0]
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

  function pass({ count, first, last }: Alike): void {
    records += count
    if (first < from) from = first
    if (last > until) until = last
  }

  return {
    pass: (time) => pass(once(time)),
    take(asked, place, alike = once(asked.at)) {
      pass(alike)
      operations += alike.count
      const answer = put(asked)
      if (answer.reason === 'unknown-identity') unknown.add(asked.who.identity)
      const change = changeOf(asked, answer)
      if (change === undefined) return
      const dataset = answer.dataset ?? asked.what.dataset
      const key = JSON.stringify([change, asked.who.team, dataset, asked.what.operation])
      const group = groups.get(key) ?? begin(change, asked, answer, place())
      groups.set(key, group)
      group.count += alike.count
      group.first = Math.min(group.first, alike.first)
      group.last = Math.max(group.last, alike.last)
      if (asked.why.bundle === bundle.hash) group.ofThisBundle += alike.count
    },
    result: () => ({
      bundle: bundle.hash,
      records,
      operations,
      ...(records === 0 ? {} : { from, until }),
      groups: [...groups.values()].sort(
        (one, other) => ORDER.indexOf(one.change) - ORDER.indexOf(other.change) || other.count - one.count,
      ),
      unknownIdentities: [...unknown].sort(),
    }),
  }
}

const once = (time: number): Alike => ({ count: 1, first: time, last: time })

export const isFlip = ({ change }: Pick<Group, 'change'>): boolean =>
  change === 'allow-to-deny' || change === 'deny-to-allow'

function changeOf({ why }: Asked, { effect, dependsOn }: Put): Change | undefined {
  if (dependsOn !== undefined) return `depends-on-${dependsOn}`
  if (effect === why.effect) return undefined
  return effect === 'deny' ? 'allow-to-deny' : 'deny-to-allow'
}

function begin(change: Change, { sidecar, sequence, at: time, who, what, why }: Asked, answer: Put, at: string): Group {
  const { operation, path, destination } = what
  const dataset = answer.dataset ?? what.dataset
  return {
    change,
    team: who.team,
    ...(dataset === undefined ? {} : { dataset }),
    operation,
    count: 0,
    first: time,
    last: time,
    ofThisBundle: 0,
    example: {
      sidecar,
      sequence,
      at,
      identity: who.identity,
      path,
      ...(destination === undefined ? {} : { destination }),
      recorded: { reason: why.reason, grants: why.grants },
      now: { reason: answer.reason, grants: answer.grants.map(({ name, at: line }) => `${name}@${line}`) },
    },
  }
}
