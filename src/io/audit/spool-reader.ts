/** Reads the log on disk from any number on, in pieces that fit a batch. It only reads what it is told to be on disk for good. */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { headOf } from '../../core/audit/glimpse.ts'
import { readSegmentName, writeSegmentName } from '../../core/audit/segment-name.ts'
import { KerbsideError } from '../../core/errors.ts'

/** Longer than the longest line, several times. */
const PIECE_BYTES = 1 << 20

type Place = {
  readonly segment: number
  readonly offset: number /** Number of the record there. */
  readonly next: number
}

export class SpoolReader {
  readonly #directory: string
  readonly #sidecar: string
  #place: Place | undefined

  constructor(directory: string, sidecar: string) {
    this.#directory = directory
    this.#sidecar = sidecar
  }

  /**
   * Lines of records from number `from` on and before number `before`; none where there are none.
   * @throws KerbsideError `io-failed` when the log is not what was written
   */
  async read(from: number, before: number): Promise<readonly string[]> {
    if (from >= before) return []
    let place = this.#place?.next === from ? this.#place : await this.#seek(from)
    for (;;) {
      const piece = await this.#piece(place)
      const ending = piece.lastIndexOf('\n') + 1
      if (ending === 0) {
        place = { segment: place.segment + 1, offset: 0, next: place.next }
        continue
      }
      const lines = piece
        .subarray(0, ending - 1)
        .toString()
        .split('\n')
      const wanted: string[] = []
      let { offset, next } = place
      for (const line of lines) {
        if (next >= before) break
        if (numberOf(line, place.segment) !== next) throw damaged(place.segment, next)
        if (next >= from) wanted.push(line)
        offset += Buffer.byteLength(line) + 1
        next += 1
      }
      place = { segment: place.segment, offset, next }
      if (wanted.length > 0) {
        this.#place = place
        return wanted
      }
    }
  }

  /** Each segment with the number of its first record, oldest first; one without a record is left out. */
  async segments(): Promise<readonly { readonly number: number; readonly first: number }[]> {
    const names = (await readdir(this.#directory)).flatMap((name) => readSegmentName(name) ?? [])
    const numbers = names.filter(({ sidecar }) => sidecar === this.#sidecar).map(({ number }) => number)
    const found: { number: number; first: number }[] = []
    for (const number of numbers.toSorted((one, other) => one - other)) {
      const piece = await this.#piece({ segment: number, offset: 0, next: 0 })
      const end = piece.indexOf('\n')
      if (end >= 0) found.push({ number, first: numberOf(piece.subarray(0, end).toString(), number) })
    }
    return found
  }

  /** A segment was removed: where we stood in it is nowhere now. */
  forget(segment: number): void {
    if (this.#place?.segment === segment) this.#place = undefined
  }

  async #seek(from: number): Promise<Place> {
    const segment = (await this.segments()).findLast(({ first }) => first <= from)
    if (segment === undefined) throw new KerbsideError('io-failed', `number ${from} is no longer in the audit log`)
    return { segment: segment.number, offset: 0, next: segment.first }
  }

  async #piece({ segment, offset }: Place): Promise<Buffer> {
    const file = join(this.#directory, writeSegmentName({ sidecar: this.#sidecar, number: segment }))
    try {
      const handle = await open(file, 'r')
      try {
        // What comes in a second is little: no more room is taken than there is to read.
        const length = Math.min(PIECE_BYTES, Math.max(1, (await handle.stat()).size - offset))
        const bytes = Buffer.alloc(length)
        const { bytesRead } = await handle.read(bytes, 0, length, offset)
        return bytes.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    } catch (cause) {
      throw new KerbsideError('io-failed', `the audit log \`${file}\` cannot be read`, { cause })
    }
  }
}

function numberOf(line: string, segment: number): number {
  const head = headOf(line)
  if (head === undefined) throw damaged(segment)
  return head.sequence
}

const damaged = (segment: number, next?: number): KerbsideError =>
  new KerbsideError(
    'io-failed',
    `segment ${segment} of the audit log is damaged${next === undefined ? '' : ` at number ${next}`}`,
    {
      hint: 'nothing after it is delivered; `kerbside audit verify` says what is wrong',
    },
  )
