/** Follows the chain of one log through its segments, and says where it breaks. */
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { fromLine } from '../../core/audit/line.ts'
import type { AuditRecord } from '../../core/audit/record.ts'
import type { Fault, Position } from '../../core/audit/verify.ts'
import { beginning, follow } from '../../core/audit/verify.ts'
import { KerbsideError } from '../../core/errors.ts'
import type { SidecarLog } from './directory.ts'
import { linesForwards } from './lines.ts'

export type ChainReport = {
  readonly sidecar: string
  /** Records that follow from the first one without a fault. */
  readonly records: number
  /** The last of them. */
  readonly last?: AuditRecord
  /** The first line that is wrong. What comes after it proves nothing. */
  readonly broken?: Fault & { readonly file: string /** From 1. */; readonly line: number }
  /** Bytes of a last line without an end: being written now, or never finished. */
  readonly unfinishedBytes: number
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Hashes that are kept of what was followed last: a batch that two brokers have is not longer. */
const MOST_RECENT = 20_000

/**
 * What stands in the folders of two brokers is one chain: a batch may be in both, when one of them died before it could say so.
 * @param onRecord called with each record that follows, once
 * @throws KerbsideError `io-failed` when a segment cannot be read
 */
export async function followChain(log: SidecarLog, onRecord?: (record: AuditRecord) => void): Promise<ChainReport> {
  const { sidecar, segments } = log
  let position: Position = beginning(sidecar)
  let last: AuditRecord | undefined
  let unfinishedBytes = 0
  const report = (broken?: ChainReport['broken']): ChainReport => ({
    sidecar,
    records: position.next,
    ...(last === undefined ? {} : { last }),
    ...(broken === undefined ? {} : { broken }),
    unfinishedBytes,
  })
  const recent = new Map<number, string>()
  let folder: string | undefined
  for (const { path, name: file } of segments) {
    let line = 0
    // Until something new comes, the file of another broker may say again what the one before it said.
    let mayRepeat = folder !== undefined && folder !== dirname(path)
    folder = dirname(path)
    // Only the newest segment may end in the middle of a line: a new one is begun at a line's end.
    if (unfinishedBytes > 0) return report({ ...UNFINISHED, file, line: 1 })
    try {
      for await (const block of linesForwards(path)) {
        for (const text of block.lines) {
          line += 1
          if (mayRepeat && isKnown(text, recent)) continue
          const followed = follow(position, text, sha256)
          if ('fault' in followed) return report({ ...followed, file, line })
          ;({ position, record: last } = followed)
          mayRepeat = false
          recent.set(last.sequence, last.hash)
          recent.delete(last.sequence - MOST_RECENT)
          onRecord?.(last)
        }
        unfinishedBytes = block.unfinishedBytes
      }
    } catch (cause) {
      throw new KerbsideError('io-failed', `\`${path}\` cannot be read`, { cause })
    }
  }
  return report()
}

function isKnown(line: string, recent: ReadonlyMap<number, string>): boolean {
  const read = fromLine(line)
  return (
    'record' in read &&
    recent.get(read.record.sequence) === read.record.hash &&
    sha256(read.hashed) === read.record.hash
  )
}

const UNFINISHED = { fault: 'unreadable', detail: 'the segment before it ends in the middle of a line' } as const
