/** The tree of RFC 6962 by its own definition, and what it keeps apart. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromHex, type HashBytes, merkleTree } from '../../../src/core/audit/merkle.ts'

const hash: HashBytes = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** MTH of RFC 6962, section 2.1, as it is written there. */
function mth(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves
  if (only === undefined) return createHash('sha256').digest()
  if (leaves.length === 1)
    return createHash('sha256')
      .update(Buffer.concat([Buffer.of(0), only]))
      .digest()
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  const both = [Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k))]
  return createHash('sha256').update(Buffer.concat(both)).digest()
}
const rootOf = (leaves: readonly Uint8Array[]) => {
  const tree = merkleTree(hash)
  for (const leaf of leaves) tree.add(leaf)
  return tree.root()
}
const leaves = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 })

it('has the root that RFC 6962 says, for any number of leaves', () => {
  fc.assert(
    fc.property(leaves, (all) => {
      expect(rootOf(all)).toBe(mth(all).toString('hex'))
    }),
  )
})

it('has another root when a leaf is another, missing, doubled or in another place', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), (all, where) => {
      if (all.length < 2) return
      const at = where % (all.length - 1)
      const [one = new Uint8Array(), other = new Uint8Array()] = all.slice(at, at + 2)
      expect(rootOf(all.toSpliced(at, 1))).not.toBe(rootOf(all))
      expect(rootOf(all.toSpliced(at, 0, one))).not.toBe(rootOf(all))
      expect(rootOf(all.with(at, Uint8Array.from(fromHex(hash(one)))))).not.toBe(rootOf(all))
      if (Buffer.compare(one, other) !== 0) expect(rootOf(all.with(at, other).with(at + 1, one))).not.toBe(rootOf(all))
    }),
  )
})

it('does not take a node for a leaf: two leaves are not one that is made of their hashes', () => {
  const pair = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const inner = Buffer.concat(pair.map((leaf) => fromHex(hash(Buffer.concat([Buffer.of(0), leaf])))))
  expect(rootOf(pair)).not.toBe(rootOf([inner]))
})

it('reads hex', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(fromHex(Buffer.from(bytes).toString('hex'))).toEqual(bytes)
    }),
  )
})
