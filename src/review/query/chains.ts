/** What running the chains proves. In a team's scope: the chains whose records are all of the team. */
import type { ChainReport } from '../../io/audit/chain.ts'

export type ChainsAnswer = {
  readonly chains: readonly ProvedChain[]
  /** Absent when no keys are known: then nothing tells a chain that was cut off or written anew. */
  readonly checkpoints?: {
    readonly count: number
    readonly faults: readonly {
      readonly file: string
      readonly line: number
      readonly fault: string
      readonly detail: string
    }[]
  }
}

/** A chain that was countersigned and is nowhere any more has no records, and a fault. */
export type ProvedChain = ChainReport & {
  /** Absent without checkpoints. */
  readonly countersigned?: {
    /** Number up to which all is as it was signed. */
    readonly provedTo: number
    /** `missing` or `rewritten`, and the numbers that it is about. */
    readonly fault?: { readonly fault: string; readonly from: number; readonly to: number }
  }
}

export type ChainsAsked = {
  /** Told how far it is, bytes. */
  readonly onProgress?: (done: number, total: number) => void
}
