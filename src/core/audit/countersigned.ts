/** Whether a chain is what brokers signed: fed record by record, it says at the end which part is gone or another. */
import type { Part } from './checkpoint.ts'
import type { HashBytes, MerkleTree } from './merkle.ts'
import { fromHex, merkleTree } from './merkle.ts'

/** What can be wrong with a chain that was countersigned. */
export const COUNTERSIGNED_FAULTS = {
  missing: 'records that were countersigned are gone',
  rewritten: 'records are not those that were countersigned',
} as const

export type Countersigned = {
  add(record: { readonly sequence: number; readonly hash: string }): void
  /** The first part that is not as it was signed. Asked when all records were added. */
  fault(): CountersignedFault | undefined
  /** Number up to which all is as it was signed. */
  provedTo(): number
}
export type CountersignedFault = {
  readonly fault: keyof typeof COUNTERSIGNED_FAULTS
  /** The first number that is gone, or the range in which the first wrong record is. */
  readonly from: number
  readonly to: number
}

export function countersigned(parts: readonly Part[], hash: HashBytes): Countersigned {
  let waiting = parts.toSorted((one, other) => one.from - other.from)
  let open: { readonly part: Part; readonly tree: MerkleTree }[] = []
  const faults: CountersignedFault[] = []
  let provedTo = 0
  let seen = 0
  /** What is signed from `seen` on is not here, up to before `sequence`. */
  const passOver = (sequence: number) => {
    const begun = open.map(({ part }) => part)
    const passed = waiting.filter(({ from }) => from < sequence)
    for (const { from, to } of [...begun, ...passed])
      faults.push({ fault: 'missing', from: Math.max(from, seen), to: Math.min(to, sequence) })
    open = []
    waiting = waiting.filter(({ from }) => from >= sequence)
  }
  return {
    add({ sequence, hash: digest }) {
      if (sequence > seen) passOver(sequence)
      seen = sequence + 1
      const begun = waiting.filter(({ from }) => from === sequence)
      if (begun.length > 0) {
        waiting = waiting.filter(({ from }) => from > sequence)
        open.push(...begun.map((part) => ({ part, tree: merkleTree(hash) })))
      }
      const leaf = fromHex(digest)
      for (const { tree } of open) tree.add(leaf)
      for (const { part, tree } of open) {
        if (part.to !== seen) continue
        if (tree.root() === part.root) provedTo = part.to
        else faults.push({ fault: 'rewritten', from: part.from, to: part.to })
      }
      open = open.filter(({ part }) => part.to !== seen)
    },
    fault() {
      passOver(Number.POSITIVE_INFINITY)
      return faults.toSorted((one, other) => one.from - other.from)[0]
    },
    provedTo: () => provedTo,
  }
}
