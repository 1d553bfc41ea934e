/** Looks for secrets in whatever left the sidecar: as they are, and in each encoding in which they could have left. */

/** Shorter ones would be found by accident. */
const SHORTEST_BYTES = 8

type Needle = { readonly secret: string; readonly form: string; readonly bytes: Buffer }

export type Found = { readonly secret: string; readonly form: string }

export class Sweep {
  readonly #needles: Needle[] = []

  /** @param secrets by name; text stands for its UTF-8 */
  constructor(secrets: Readonly<Record<string, Uint8Array | string>> = {}) {
    for (const [name, secret] of Object.entries(secrets)) this.add(name, secret)
  }

  add(secret: string, value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value)
    if (bytes.length < SHORTEST_BYTES) throw new RangeError(`\`${secret}\` is too short to be looked for`)
    for (const { form, bytes: needle } of formsOf(bytes)) {
      if (!this.#needles.some((other) => other.bytes.equals(needle)))
        this.#needles.push({ secret, form, bytes: needle })
    }
  }

  /** Every secret that is in there, and how it was written. */
  find(haystack: Uint8Array | string): Found[] {
    const bytes =
      typeof haystack === 'string'
        ? Buffer.from(haystack)
        : Buffer.from(haystack.buffer, haystack.byteOffset, haystack.byteLength)
    return this.#needles.filter((needle) => bytes.includes(needle.bytes)).map(({ secret, form }) => ({ secret, form }))
  }
}

/** Every form in which it is looked for. */
export function formsOf(secret: Uint8Array): { readonly form: string; readonly bytes: Buffer }[] {
  return textsOf(Buffer.from(secret)).map(([form, text]) => ({ form, bytes: Buffer.from(text, 'latin1') }))
}

/** What is escaped by `encodeURIComponent`, by `URLSearchParams`, by `escape`, and in a path (RFC 3986, 3.3). */
const PLAIN_IN_URLS = [/[^\w.~!*'()-]/g, /[^\w.*-]/g, /[^\w.@*+/-]/g, /[^\w.~!$&'()*+,;=:@/-]/g]

/** One character for each byte, so that all forms are bytes in the end. */
function textsOf(bytes: Buffer): [form: string, text: string][] {
  const raw = bytes.toString('latin1')
  const hex = bytes.toString('hex')
  const percent = hex.replace(/../g, '%$&')
  return [
    ['as it is', raw],
    ['in hex', hex],
    ['in hex', hex.toUpperCase()],
    ['in percent', percent],
    ['in percent', percent.toUpperCase()],
    ...PLAIN_IN_URLS.flatMap((others): [string, string][] => {
      const text = raw.replace(others, escaped)
      return [
        ['URL-encoded', text],
        ['URL-encoded', text.replace(/%../g, (triplet) => triplet.toLowerCase())],
      ]
    }),
    ['in JSON', JSON.stringify(raw).slice(1, -1)],
    ['in UTF-16', Buffer.from(raw, 'utf16le').toString('latin1')],
    ...[0, 1, 2].flatMap((before): [string, string][] => {
      const text = base64(bytes, before)
      return [
        ['in base64', text],
        ['in base64url', text.replaceAll('+', '-').replaceAll('/', '_')],
      ]
    }),
  ]
}

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** Base64 of something with this in it, `before` bytes after a multiple of three: only characters that hold nothing else. */
function base64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}
