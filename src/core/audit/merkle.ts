/**
 * Merkle tree hashes of RFC 6962, section 2.1, grown one leaf after the other with a hash for each power of two in their number.
 * Leaves and nodes begin with another byte, so that no node can be passed off as a leaf.
 */

/** SHA-256 of bytes, as 32 bytes. Passed in: core has no crypto. */
export type HashBytes = (bytes: Uint8Array) => Uint8Array

const LEAF = 0
const NODE = 1

export type MerkleTree = {
  add(leaf: Uint8Array): void
  size(): number
  /** As 64 hex digits; of no leaf at all the hash of nothing. */
  root(): string
}

export function merkleTree(hash: HashBytes): MerkleTree {
  /** Whole subtrees from the left, each larger than the next. */
  const peaks: { readonly leaves: number; readonly hash: Uint8Array }[] = []
  let size = 0
  const node = (left: Uint8Array, right: Uint8Array) => hash(joined(NODE, left, right))
  return {
    add(leaf) {
      let top = { leaves: 1, hash: hash(joined(LEAF, leaf)) }
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
      if (last === undefined) return toHex(hash(new Uint8Array()))
      return toHex(rest.reduce((right, left) => node(left.hash, right), last.hash))
    },
  }
}

function joined(prefix: number, left: Uint8Array, right?: Uint8Array): Uint8Array {
  const all = new Uint8Array(1 + left.length + (right?.length ?? 0))
  all[0] = prefix
  all.set(left, 1)
  if (right !== undefined) all.set(right, 1 + left.length)
  return all
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Of a text that is hex digits, an even number of them. */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1)
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = (digit(hex.charCodeAt(at * 2)) << 4) | digit(hex.charCodeAt(at * 2 + 1))
  return bytes
}

/** `0` to `9` are 48 to 57, `a` to `f` 97 to 102, `A` to `F` 65 to 70: what they share with nine more is their value. */
const digit = (unit: number): number => (unit < 58 ? unit - 48 : (unit & 15) + 9)
