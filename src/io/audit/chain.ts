/** Follows the chain of one sidecar through its segments, in as many folders as there are, and says where it breaks. */
import { hash } from 'node:crypto'
import { fromLine } from '../../core/audit/line.ts'
import type { Brief } from '../../core/audit/plain-line.ts'
import type { AuditRecord } from '../../core/audit/record.ts'
import type { Fault, Followed, Position } from '../../core/audit/verify.ts'
import { beginning, briefLine, followBrief } from '../../core/audit/verify.ts'
import { oldestFirst, type Placed } from './copies.ts'
import type { SidecarLog } from './directory.ts'

/** Where something is wrong. */
export type Broken = Fault & { readonly file: string /** From 1. */; readonly line: number }

export type ChainReport = {
  readonly sidecar: string
  /** Records that are as they were written, each once. */
  readonly records: number
  /** The last of them. */
  readonly last?: AuditRecord
  /** The first line that is wrong. What comes after it proves nothing, unless it is a gap: behind one the chain goes on. */
  readonly broken?: Broken
  /** Every place where records are missing, and a file begins with a later one. */
  readonly gaps: readonly Broken[]
  /** Bytes of a last line without an end: being written now, or never finished. */
  readonly unfinishedBytes: number
}

const sha256 = (text: string): string => hash('sha256', text)

/**
 * @param copies the logs of one sidecar, one for each folder that has something of it
 * @param onRecord called with each record that follows, once
 * @throws KerbsideError `io-failed` when a segment cannot be read
 */
export async function followChain(
  copies: readonly SidecarLog[],
  onRecord?: (record: Brief) => void,
): Promise<ChainReport> {
  const sidecar = copies[0]?.sidecar ?? ''
  let position: Position = beginning(sidecar)
  let [records, unfinishedBytes] = [0, 0]
  let last: string | undefined
  let cutShort: string | undefined
  const gaps: Broken[] = []
  const report = (broken: Broken | undefined = gaps[0]): ChainReport => ({
    sidecar,
    records,
    ...lastOf(last),
    ...(broken === undefined ? {} : { broken }),
    gaps,
    unfinishedBytes,
  })
  const lines = oldestFirst(copies, (bytes, next) => {
    // Only the newest segment may end in the middle of a line: a new one is begun at a line's end.
    if (next === undefined) unfinishedBytes = bytes
    else cutShort ??= next
  })
  for await (const same of lines) {
    const steps = same.map((one) => ({ ...one, step: stepTo(one, position) }))
    for (const { step, file, line } of steps) if ('fault' in step) return report({ ...step, file, line })
    const [first, other] = steps
    if (first === undefined || 'fault' in first.step) continue
    if (other !== undefined) {
      const detail = `in \`${first.file}\`, line ${first.line}, it is another record`
      return report({ fault: 'forked', detail, file: other.file, line: other.line })
    }
    const { missing, position: after, record } = first.step
    if (missing !== undefined) gaps.push({ fault: 'gap', detail: missing, file: first.file, line: first.line })
    position = after
    last = first.text
    records += 1
    onRecord?.(record)
  }
  if (cutShort === undefined) return report()
  return report({ fault: 'unreadable', detail: CUT_SHORT, file: cutShort, line: 1 })
}

const CUT_SHORT = 'the segment before it ends in the middle of a line'

/** Of a line that followed: only of the last is more wanted than where it belongs. */
function lastOf(line: string | undefined): Pick<ChainReport, 'last'> {
  const read = line === undefined ? undefined : fromLine(line)
  return read !== undefined && 'record' in read ? { last: read.record } : {}
}

type Step = Fault | (Followed<Brief> & { readonly missing?: string })

/** A file that begins with a later record than the next: what is missing was lost with another file, or never came. */
function stepTo({ text, line }: Placed, position: Position): Step {
  const followed = followBrief(position, text, sha256)
  if (!('fault' in followed) || followed.fault !== 'out-of-order' || line !== 1) return followed
  const read = briefLine(text)
  if ('problem' in read || read.record.sequence < position.next) return followed
  const { sequence, previous } = read.record
  const behind = followBrief({ ...position, next: sequence, previous }, text, sha256)
  if ('fault' in behind) return behind
  const [from, to] = [position.next, sequence - 1]
  return { ...behind, missing: from === to ? `number ${from} is not here` : `numbers ${from} to ${to} are not here` }
}
