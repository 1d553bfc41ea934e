/** Takes answers off a connection, one after the other, as far as they have come (RFC 9112, 6). */

const HEAD_END = Buffer.from('\r\n\r\n')

export class Answers {
  #bytes: Buffer = Buffer.alloc(0)
  #from = 0
  /** Final ones that are whole; `100 Continue` is none. */
  count = 0
  /** Status codes of those. */
  readonly statuses: number[] = []

  /** All that came. */
  get bytes(): Buffer {
    return this.#bytes
  }

  readonly #isToHead: (index: number) => boolean

  /** @param isToHead whether the answer of that number has no body, whatever its length says */
  constructor(isToHead: (index: number) => boolean) {
    this.#isToHead = isToHead
  }

  take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (this.#next()) {
      // As many as are there.
    }
  }

  #next(): boolean {
    const end = this.#bytes.indexOf(HEAD_END, this.#from)
    if (end < 0) return false
    const head = this.#bytes.toString('latin1', this.#from, end)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
    const body = end + HEAD_END.length
    if (status >= 100 && status < 200) {
      this.#from = body
      return true
    }
    const after = this.#isToHead(this.count) ? body : this.#endOfBody(head, body)
    if (after === undefined) return false
    this.#from = after
    this.count += 1
    this.statuses.push(status)
    return true
  }

  #endOfBody(head: string, body: number): number | undefined {
    if (/^transfer-encoding:/im.test(head)) {
      const end = this.#bytes.indexOf('0\r\n\r\n', body)
      return end < 0 ? undefined : end + 5
    }
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    return this.#bytes.length >= body + length ? body + length : undefined
  }
}
