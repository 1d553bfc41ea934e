/**
 * Merkle tree hashes of RFC 6962, section 2.1, grown one leaf after the other with a hash for each power of two in their number.
 * Leaves and nodes begin with another byte, so that no node can be passed off as a leaf.
 */

/** SHA-256 of bytes, as 64 hex digits: to give them as bytes takes Node three times as long. Passed in: core has no crypto. */
export type HashBytes = (bytes: Uint8Array) => string

const LEAF = 0
const NODE = 1
export const HASH_BYTES = 32

export type MerkleTree = {
  add(leaf: Uint8Array): void
  size(): number
  /** As 64 hex digits; of no leaf at all the hash of nothing. */
  root(): string
}

export function merkleTree(hash: HashBytes): MerkleTree {
  /** Whole subtrees from the left, each larger than the next. */
  const peaks: { readonly leaves: number; readonly hash: string }[] = []
  /** What a node is the hash of. */
  const both = new Uint8Array(1 + 2 * HASH_BYTES)
  both[0] = NODE
  let size = 0
  const node = (left: string, right: string): string => {
    writeHex(left, both, 1)
    writeHex(right, both, 1 + HASH_BYTES)
    return hash(both)
  }
  return {
    add(leaf) {
      let top = { leaves: 1, hash: hash(asLeaf(leaf)) }
      for (let last = peaks.at(-1); last?.leaves === top.leaves; last = peaks.at(-1)) {
        peaks.pop()
        top = { leaves: top.leaves * 2, hash: node(last.hash, top.hash) }
      }
      peaks.push(top)
      size += 1
    },
    size: () => size,
    root() {
      const [last, ...rest] = peaks.toReversed()
      return last === undefined
        ? hash(new Uint8Array())
        : rest.reduce((right, left) => node(left.hash, right), last.hash)
    },
  }
}

function asLeaf(leaf: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + leaf.length)
  bytes[0] = LEAF
  bytes.set(leaf, 1)
  return bytes
}

/** Of a text that is hex digits, an even number of them. */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1)
  writeHex(hex, bytes, 0)
  return bytes
}

function writeHex(hex: string, bytes: Uint8Array, from: number): void {
  for (let at = 0; at < hex.length; at += 2)
    bytes[from + (at >> 1)] = (digit(hex.charCodeAt(at)) << 4) | digit(hex.charCodeAt(at + 1))
}

/** `0` to `9` are 48 to 57, `a` to `f` 97 to 102, `A` to `F` 65 to 70: what they share with nine more is their value. */
const digit = (unit: number): number => (unit < 58 ? unit - 48 : (unit & 15) + 9)
