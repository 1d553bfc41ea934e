/** Reads big-endian binary formats from the front, and never past the end. */

/** The bytes end before the value does. Readers of a format turn it into an error of their own. */
export class Truncated extends Error {}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4))
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4))
  }

  /** A view of the next bytes, not a copy. */
  take(length: number): Uint8Array {
    const from = this.#advance(length)
    return this.#bytes.subarray(from, from + length)
  }

  skip(length: number): void {
    this.#advance(length)
  }

  #advance(length: number): number {
    if (length < 0 || length > this.left) throw new Truncated(`${length} bytes wanted, ${this.left} left`)
    const from = this.#at
    this.#at += length
    return from
  }
}

/** UTF-8 as text; an invalid sequence becomes U+FFFD, so that a name from a broken file can still be shown. */
export function utf8Text(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  try {
    return decodeURIComponent(hex)
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')).join('')
  }
}
