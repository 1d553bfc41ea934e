/** Whether a chain is whole, and if not, the first record that is wrong and what is wrong with it. */

import type { Sha256 } from './chain.ts'
import { NO_HASH } from './chain.ts'
import { fromLine, toLine } from './line.ts'
import { type Brief, plainLine } from './plain-line.ts'
import type { AuditRecord } from './record.ts'

/** What can be wrong with a record in its chain. */
export const FAULTS = {
  unreadable: 'the line is not a record as Kerbside writes it',
  'wrong-sidecar': 'the record belongs to another sidecar',
  changed: 'the record was changed after it was written: its hash is not that of its content',
  'out-of-order': 'the record does not have the number that follows',
  unlinked: 'the record does not follow from the one before: one of the two was replaced',
  /** Said of a chain in several files or folders: what {@link follow} looks at is one line. */
  gap: 'records are missing before this one',
  forked: 'two folders have different records of this number',
} as const

export type Fault = { readonly fault: keyof typeof FAULTS; readonly detail: string }

/** How far a chain was followed: all that is needed to go on, whatever its length. */
export type Position = { readonly sidecar: string; readonly next: number; readonly previous: string }

export const beginning = (sidecar: string): Position => ({ sidecar, next: 0, previous: NO_HASH })

/**
 * One step along the chain: the next line, without its line end.
 *
 * Found: a record changed in any byte, dropped, doubled, swapped, moved in from another chain; a beginning or middle cut
 * away. Not found, by nature: a tail cut off between two records, a whole log deleted, and a chain written anew from its
 * first record by someone who can write the file, for the hashes are not keyed. Those need checkpoints kept elsewhere.
 */
export const follow = (position: Position, line: string, sha256: Sha256): Followed | Fault =>
  step(position, fromLine(line), sha256)

/** The same for whoever needs of a record only where it belongs. */
export const followBrief = (position: Position, line: string, sha256: Sha256): Followed<Brief> | Fault =>
  step(position, briefLine(line), sha256)

/** A line as {@link fromLine} reads it, the sooner the plainer it is. */
export const briefLine = (line: string): ReadLine<Brief> => plainLine(line) ?? fromLine(line)

function step<R extends Brief>(position: Position, read: ReadLine<R>, sha256: Sha256): Followed<R> | Fault {
  const { sidecar, next, previous } = position
  if ('problem' in read) return fault('unreadable', read.problem)
  const { record, hashed } = read
  if (record.sidecar !== sidecar) return fault('wrong-sidecar', `it says \`${record.sidecar}\`, not \`${sidecar}\``)
  if (sha256(hashed) !== record.hash) return fault('changed', `it says number ${record.sequence}`)
  if (record.sequence !== next) return fault('out-of-order', outOfOrder(next, record.sequence))
  if (record.previous !== previous) return fault('unlinked', `it says number ${record.sequence}`)
  return { position: { sidecar, next: next + 1, previous: record.hash }, record }
}

type ReadLine<R> = { readonly record: R; readonly hashed: string } | { readonly problem: string }
export type Followed<R = AuditRecord> = { readonly position: Position; readonly record: R }

export type Verdict =
  | { readonly whole: true; readonly records: number }
  | ({ readonly whole: false /** Place in the list, from 0. */; readonly index: number } & Fault)

/** A whole chain at once, from its first record. The sidecar is that of the first record. */
export function verify(records: Iterable<AuditRecord>, sha256: Sha256): Verdict {
  let position: Position | undefined
  let index = 0
  for (const record of records) {
    const after = follow(position ?? beginning(record.sidecar), toLine(record), sha256)
    if ('fault' in after) return { whole: false, index, ...after }
    position = after.position
    index++
  }
  return { whole: true, records: index }
}

const fault = (code: keyof typeof FAULTS, detail: string): Fault => ({ fault: code, detail })

const outOfOrder = (wanted: number, found: number): string => {
  if (found < wanted) return `number ${found} comes again where ${wanted} should be`
  const missing = found - wanted === 1 ? `number ${wanted} is` : `numbers ${wanted} to ${found - 1} are`
  return `it is number ${found}: ${missing} not where they should be`
}
