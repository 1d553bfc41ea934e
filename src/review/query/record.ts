/** One record: its line as it stands in the file, its neighbours in the chain, and what is proved of it. */
import type { Item, Place } from './item.ts'

export type RecordAsked = Pick<Place, 'sidecar' | 'sequence'>

export type OneRecord = {
  readonly item: Item
  /** Absent when the segment is not there any more, or the line in it cannot be read. */
  readonly line?: {
    /** Without line end, byte for byte. */
    readonly text: string
    /** Relative to the audit directory. */
    readonly file: string
    /** From 1. */
    readonly number: number
  }
  /** Up to three before and three after, in their order, without the record itself. */
  readonly neighbours: readonly Neighbour[]
  readonly proof: Proof
}

/** A record next to it in the chain. What is of another team than the scope has its number and hash, and no more. */
export type Neighbour = {
  readonly sequence: number
  readonly hash: string
  readonly item?: Item
}

/** `beginning`: there is none, and there should be none. `missing`: there should be one, and it is not here. */
export type LinkState = 'holds' | 'broken' | 'beginning' | 'newest' | 'missing'

export type Proof = {
  /** Whether the hash in the line is that of the line; `missing` when there is no line. */
  readonly hash: 'holds' | 'broken' | 'missing'
  /** To the record before, and from the record after. */
  readonly before: LinkState
  readonly after: LinkState
  /** What a broker signed that covers it; absent when none did yet, or no keys are known. */
  readonly signed?: {
    readonly by: string
    /** RFC 3339. */
    readonly time: string
    readonly from: number
    /** The number after the last. */
    readonly to: number
    readonly root: string
    /** Whether the records that are here have that root. */
    readonly holds: boolean
  }
}
