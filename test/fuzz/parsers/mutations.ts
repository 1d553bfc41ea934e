/** Real binary files with a few places changed: bytes, lengths, pieces taken out, put in or said twice. */
import fc from 'fast-check'

const EDGES = [0, 1, 2, 5, 0x7f, 0x80, 0xfe, 0xff]
const LENGTHS = [0, 1, 2, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fff0]

const change = fc.record({
  what: fc.constantFrom('byte', 'byte', 'length', 'cut', 'twice', 'put', 'end'),
  place: fc.nat(1 << 20),
  size: fc.integer({ min: 1, max: 40 }),
  byte: fc.oneof(fc.constantFrom(...EDGES), fc.nat(255)),
  length: fc.constantFrom(...LENGTHS),
})
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function applied(bytes: Uint8Array, { what, place, size, byte, length }: Change): Uint8Array {
  const at = place % (bytes.length + 1)
  const copy = Buffer.from(bytes)
  if (what === 'byte' && at < copy.length) copy[at] = byte
  if (what === 'length' && at + 4 <= copy.length) copy.writeUInt32BE(length, at)
  if (what === 'cut') return Buffer.concat([copy.subarray(0, at), copy.subarray(at + size)])
  if (what === 'twice') return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - size))])
  if (what === 'put') return Buffer.concat([copy.subarray(0, at), Buffer.alloc(size, byte), copy.subarray(at)])
  return what === 'end' ? copy.subarray(0, at) : copy
}

/** The file with up to three changes; sometimes with none. */
export const mutationsOf = (file: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.array(change, { maxLength: 3 }).map((changes) => changes.reduce(applied, file))
