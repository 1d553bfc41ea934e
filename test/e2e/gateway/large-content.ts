/** The content of a file too large to be kept: each MiB is another one, and any part of it is told from where it begins. */
const MIB = 1 << 20

/** No run of it repeats within a MiB, so that bytes that moved show. */
const PATTERN = Buffer.alloc(MIB)
for (let at = 0, state = 1; at < MIB; at += 4) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  PATTERN.writeInt32LE(state, at)
}

/** One MiB: its number, then the same pattern as in all of them. */
function mibOf(number: number): Buffer {
  const bytes = Buffer.from(PATTERN)
  bytes.writeUInt32LE(number)
  return bytes
}

export function contentAt(offset: number, length: number): Buffer {
  const first = Math.floor(offset / MIB)
  const count = Math.ceil((offset + length) / MIB) - first
  const begin = offset - first * MIB
  return Buffer.concat(Array.from({ length: count }, (_, index) => mibOf(first + index))).subarray(
    begin,
    begin + length,
  )
}

/** The beginning of the content, MiB by MiB. */
export function* contentOf(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += MIB) yield contentAt(at, Math.min(MIB, bytes - at))
}

/** Whether bytes are what stands from `offset` on. Compared in place: most of them hold no number of a MiB. */
export function isContentAt(offset: number, bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; ) {
    const begin = (offset + at) % MIB
    const piece = bytes.subarray(at, at + MIB - begin)
    const expected = begin < 4 ? contentAt(offset + at, piece.length) : PATTERN.subarray(begin, begin + piece.length)
    if (!piece.equals(expected)) return false
    at += piece.length
  }
  return true
}
