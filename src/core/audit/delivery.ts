/** What a broker makes of a batch of records: which of them are new, or why it takes none. And how a batch is written and read. */
import type { Sha256 } from './chain.ts'
import type { Brief } from './plain-line.ts'
import type { Entry } from './record.ts'
import { beginning, briefLine, type Fault, followBrief, type Position } from './verify.ts'

/** Why a batch is not taken. */
export const DELIVERY_REASONS = {
  'not-a-batch': 'it does not begin with a line that says what it is',
  'half-a-line': 'its last line has no end',
  'not-a-record': 'a line of it is no record',
  'too-large': 'it is larger than a batch may be',
  'other-pod': 'a record of it is not of the pod that the token is of',
  'other-kind': 'a record of it is of a kind that its writer does not write',
  'broken-chain': 'a record of it does not follow from the one before',
  forked: 'a number that is on disk already comes again with another record',
} as const
export type DeliveryReason = keyof typeof DELIVERY_REASONS

/** What each writer puts on record. What a broker decides is in its own chain alone, so nobody can say it in its place. */
const KINDS_OF = {
  sidecar: new Set(['open', 'close', 'start', 'end', 'credential', 'policy']),
  webhook: new Set(['open', 'close', 'admission', 'policy']),
} as const satisfies Record<string, ReadonlySet<Entry['kind']>>

/** The pod that a service-account token is bound to, and which program of ours it is. */
export type Writer = {
  readonly program: keyof typeof KINDS_OF
  readonly podUid: string
  readonly namespace: string
  readonly pod: string
  readonly serviceAccount: string
}

/** The most that one batch may be. */
export const MAX_BATCH_BYTES = 4 << 20

export type Batch = {
  /** All records before this number are on the disk of some broker, the sidecar says. */
  readonly acknowledged: number
  readonly lines: readonly string[]
}

export const writeBatch = ({ acknowledged, lines }: Batch): string =>
  [JSON.stringify({ format: 1, acknowledged }), ...lines, ''].join('\n')

export function readBatch(body: string): Batch | Rejected {
  if (!body.endsWith('\n')) return rejected('half-a-line', `of ${body.length} characters`)
  const [head = '', ...lines] = body.slice(0, -1).split('\n')
  const match = /^\{"format":1,"acknowledged":(0|[1-9]\d{0,14})\}$/.exec(head)
  return match === null
    ? rejected('not-a-batch', 'its first line is another')
    : { acknowledged: Number(match[1]), lines }
}

/** What is on disk of a chain: the number that comes next, and the hash that it must carry. Nothing before its first record. */
export type Standing = { readonly next: number; readonly previous: string }

export type Rejected = { readonly rejected: DeliveryReason; readonly detail: string }
export type Taken = {
  /** New ones only, without a gap between them. */
  readonly lines: readonly string[]
  readonly records: readonly Brief[]
  readonly standing: Standing
  /** Numbers that are not here, and will not come: another broker has them, the sidecar says. */
  readonly gap?: { readonly from: number; readonly to: number }
}
/** The batch begins later than what is here ends: send from this number on. */
export type Again = { readonly again: number }

/**
 * The whole rule.
 * 1. Every line is a record of the chain that is named like the pod of the token, of a kind that its program writes, and says
 *    of that pod what the token says; of an admission it is another pod that the record is about.
 * 2. Each follows from the one before. One that is wrong makes the whole batch wrong: nothing of it is taken.
 * 3. What is here already is passed over, if it is the same; another record of the same number is refused.
 * 4. What is missing in between is asked for again, unless the sidecar says that another broker has it: then it is a gap.
 */
export function judgeBatch(
  { acknowledged, lines }: Batch,
  writer: Writer,
  standing: Standing | undefined,
  sha256: Sha256,
): Taken | Again | Rejected {
  const records = readRecords(lines, writer, sha256)
  if ('rejected' in records) return records
  const next = standing?.next ?? 0
  const [first] = records
  if (first === undefined) return taken([], [], standing ?? { next: Math.max(next, acknowledged), previous: '' })
  if (first.sequence > Math.max(next, acknowledged)) return { again: Math.max(next, acknowledged) }
  // Hashes are chained: where the last that both have is the same, all before it are.
  const lastKnown = records[next - 1 - first.sequence]
  if (standing !== undefined && lastKnown !== undefined && lastKnown.hash !== standing.previous)
    return rejected('forked', `number ${lastKnown.sequence} is another record`)
  const known = Math.max(0, next - first.sequence)
  const fresh = records.slice(known)
  const [begin] = fresh
  const last = fresh.at(-1)
  if (begin === undefined || last === undefined) return taken([], [], standing ?? { next, previous: '' })
  if (begin.sequence === next && standing !== undefined && begin.previous !== standing.previous)
    return rejected('forked', `number ${next} does not follow from what is here`)
  const gap = begin.sequence > next ? { gap: { from: next, to: begin.sequence } } : {}
  return { ...taken(lines.slice(known), fresh, { next: last.sequence + 1, previous: last.hash }), ...gap }
}

function readRecords(lines: readonly string[], writer: Writer, sha256: Sha256): readonly Brief[] | Rejected {
  const records: Brief[] = []
  let position: Position | undefined
  for (const line of lines) {
    position ??= positionBefore(line, writer)
    const followed = followBrief(position, line, sha256)
    if ('fault' in followed) return rejected(REJECTED[followed.fault], followed.detail)
    const { sequence, kind, who } = followed.record
    if (!(KINDS_OF[writer.program] as ReadonlySet<string>).has(kind))
      return rejected('other-kind', `number ${sequence} is of kind ${kind}, which a ${writer.program} does not write`)
    const isOfPod =
      who.namespace === writer.namespace && who.pod === writer.pod && who.serviceAccount === writer.serviceAccount
    if (!isOfPod && kind !== 'admission')
      return rejected('other-pod', `number ${sequence} says ${who.namespace}/${who.pod}`)
    records.push(followed.record)
    ;({ position } = followed)
  }
  return records
}

const REJECTED = {
  unreadable: 'not-a-record',
  'wrong-sidecar': 'other-pod',
  changed: 'broken-chain',
  'out-of-order': 'broken-chain',
  unlinked: 'broken-chain',
  gap: 'broken-chain',
  forked: 'forked',
} as const satisfies Record<Fault['fault'], DeliveryReason>

/** Where a batch begins is its own word; whether that fits is asked of what is here. */
function positionBefore(line: string, { podUid: sidecar }: Writer): Position {
  const read = briefLine(line)
  if ('problem' in read) return beginning(sidecar)
  return { sidecar, next: read.record.sequence, previous: read.record.previous }
}

const taken = (lines: readonly string[], records: readonly Brief[], standing: Standing): Taken => ({
  lines,
  records,
  standing,
})
const rejected = (reason: DeliveryReason, detail: string): Rejected => ({ rejected: reason, detail })
