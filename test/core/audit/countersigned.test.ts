/** What brokers signed, held against a chain with gaps: exactly what was signed and is not here is missing. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../../src/core/audit/checkpoint.ts'
import { countersigned } from '../../../src/core/audit/countersigned.ts'
import { fromHex, type HashBytes, merkleTree } from '../../../src/core/audit/merkle.ts'

const hashBytes: HashBytes = (bytes) => createHash('sha256').update(bytes).digest('hex')
const COUNT = 20
const hashes = Array.from({ length: COUNT }, (_, at) => createHash('sha256').update(String(at)).digest('hex'))

function part(from: number, to: number): Part {
  const tree = merkleTree(hashBytes)
  for (const hash of hashes.slice(from, to)) tree.add(fromHex(hash))
  return { sidecar: 'pod-a', from, to, root: tree.root() }
}
function check(
  parts: readonly Part[],
  here: readonly number[],
  change: (at: number) => string = (at) => hashes[at] ?? '',
) {
  const signed = countersigned(parts, hashBytes)
  for (const sequence of here) signed.add({ sequence, hash: change(sequence) })
  return { fault: signed.fault(), provedTo: signed.provedTo() }
}

describe('of what two brokers signed, in parts that overlap', () => {
  const parts = [part(0, 5), part(3, 9), part(9, 12)]
  const all = Array.from({ length: 12 }, (_, at) => at)

  it('nothing is missing where all is here, and a record that is another is one of its part', () => {
    expect(check(parts, all)).toEqual({ fault: undefined, provedTo: 12 })
    const other = (at: number) => hashes[at === 7 ? 8 : at] ?? ''
    expect(check(parts, all, other).fault).toEqual({ fault: 'rewritten', from: 3, to: 9 })
  })

  it.each<[string, readonly number[], number, number]>([
    ['in the middle', all.filter((at) => at < 5 || at >= 9), 5, 9],
    ['a whole part', all.filter((at) => at < 9), 9, 12],
    ['the beginning', all.filter((at) => at >= 2), 0, 2],
    ['the end', all.slice(0, 11), 11, 12],
    ['all', [], 0, 5],
  ])('what is gone is missing by its numbers: %s', (_, here, from, to) => {
    expect(check(parts, here).fault).toEqual({ fault: 'missing', from, to })
  })

  it('something is missing exactly where a signed number is not here', () => {
    const range = fc
      .tuple(fc.nat(COUNT - 2), fc.nat(6))
      .map(([from, length]) => part(from, Math.min(COUNT, from + length + 1)))
    const numbers = fc.uniqueArray(fc.nat(COUNT - 1)).map((some) => some.toSorted((one, other) => one - other))
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 5 }), numbers, (signed, here) => {
        const gone = signed
          .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at))
          .filter((at) => !here.includes(at))
        const { fault } = check(signed, here)
        expect(fault?.from).toBe(gone.length === 0 ? undefined : Math.min(...gone))
        expect(fault === undefined || fault.fault === 'missing').toBe(true)
      }),
    )
  })
})
