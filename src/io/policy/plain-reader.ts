/**
 * Reads the few forms of YAML that nearly all of a policy is written in. A line is a comment, or holds a key, a dash or
 * both; its value is a word, text in quotes, or a list or mapping in brackets that ends on the same line. It throws at
 * anything else.
 */
import { plainValue } from './scalar.ts'
import type { Spot } from './spots.ts'
import { MOST_DEPTH, MOST_FIELDS } from './yaml-limits.ts'

export type PlainDocument = { readonly value: object; readonly start: number }

class NotPlain extends Error {}
const notPlain = (): never => {
  throw new NotPlain()
}

/** Where the last line is behind. */
const NOWHERE = -1

const code = (sign: string): number => sign.charCodeAt(0)
const [SPACE, HASH, COLON, COMMA, DASH] = [code(' '), code('#'), code(':'), code(','), code('-')] as const
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [code('['), code(']'), code('{'), code('}')] as const
const [QUOTE, APOSTROPHE, BACKSLASH, LAST_OF_ASCII] = [code('"'), code("'"), code('\\'), code('~')] as const

/** By code of ASCII, whether a sign may begin a word, stand in a key, or stand in a word between brackets. */
const signs = (pattern: RegExp): readonly boolean[] =>
  Array.from({ length: 128 }, (_, code) => pattern.test(String.fromCharCode(code)))
const BEGINS_KEY = signs(/[A-Za-z]/)
const IN_KEY = signs(/[\w./-]/)
const BEGINS_WORD = signs(/[\w/.]/)
const IN_BRACKETS = signs(/[\w./@=+*-]/)

/** Copied to its very length: a list that grew has room for sixteen more, and a policy has a hundred thousand lists. */
const fitted = (items: readonly unknown[]): readonly unknown[] => items.slice()

export class PlainReader {
  readonly #text: string
  /** Of the line that is read: what stands before it, where its first sign is and in which column, and its end. */
  #column = NOWHERE
  #start = 0
  #end = -1
  #isMarker = false
  #depth = 0
  /** Of what is open, when they are wanted: each value pushes its own when it ends. */
  #spots: Spot[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  documents(): readonly PlainDocument[] {
    const found: PlainDocument[] = []
    for (this.#nextLine(); this.#column !== NOWHERE || this.#isMarker; ) {
      if (this.#isMarker) this.#nextLine()
      else {
        const start = this.#start
        found.push({ value: this.#mapping(0), start })
        if (this.#column !== NOWHERE) throw new NotPlain()
      }
    }
    return found
  }

  /** @param start of a document that was read before */
  spotsFrom(start: number): Spot {
    this.#spots = []
    this.#end = start - 1
    this.#nextLine()
    this.#mapping(0)
    return this.#spots[0] ?? start
  }

  /** On to the next line that is neither empty nor a comment. A line `---` is in no column, as the end of the file is. */
  #nextLine(): void {
    for (;;) {
      const line = this.#end + 1
      this.#isMarker = false
      this.#column = NOWHERE
      if (line >= this.#text.length) return
      const newline = this.#text.indexOf('\n', line)
      this.#end = newline < 0 ? this.#text.length : newline
      this.#start = this.#afterSpaces(line)
      if (this.#start >= this.#end || this.#text.charCodeAt(this.#start) === HASH) continue
      this.#isMarker = this.#text.startsWith('---', line) && this.#isBlankFrom(line + 3)
      if (!this.#isMarker) this.#column = this.#start - line
      return
    }
  }

  /** Lines of keys in a column; what is deeper belongs to none of them. */
  #mapping(column: number): object {
    const fields: Record<string, unknown> = {}
    const outside = this.#open(this.#start)
    for (let count = 0; this.#column === column; count += 1) {
      const colon = this.#colonOf(this.#start)
      if (colon === NOWHERE) throw new NotPlain()
      const key = this.#newKey(fields, { start: this.#start, end: colon, count })
      fields[key] = this.#isBlankFrom(colon + 1) ? this.#below(column) : this.#beside(colon + 1)
    }
    return this.#closeLines(outside, column, fields)
  }

  #sequence(column: number): readonly unknown[] {
    const items: unknown[] = []
    const outside = this.#open(this.#start)
    while (this.#column === column && this.#isDash()) {
      const start = this.#afterSpaces(this.#start + 1)
      if (this.#colonOf(start) === NOWHERE) items.push(this.#beside(start))
      else {
        this.#column += start - this.#start
        this.#start = start
        items.push(this.#mapping(this.#column))
      }
    }
    return this.#closeLines(outside, column, fitted(items))
  }

  #open(start: number): number {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) throw new NotPlain()
    this.#spots?.push(start)
    return (this.#spots?.length ?? 0) - 1
  }

  #close(outside: number): void {
    this.#depth -= 1
    this.#spots?.push(this.#spots.splice(outside))
  }

  /** Nothing that is deeper may come behind what ended. */
  #closeLines<T>(outside: number, column: number, value: T): T {
    if (this.#column > column) throw new NotPlain()
    this.#close(outside)
    return value
  }

  /** What a key has in the lines below it. */
  #below(column: number): unknown {
    this.#nextLine()
    // A list may stand in the column of its key.
    if (this.#column >= column && this.#isDash()) return this.#sequence(this.#column)
    if (this.#column > column) return this.#mapping(this.#column)
    throw new NotPlain()
  }

  /** What a key or a dash has on its line, which is then done. */
  #beside(from: number): unknown {
    const start = this.#afterSpaces(from)
    const first = this.#text.charCodeAt(start)
    if (first !== OPEN_LIST && first !== OPEN_MAP && first !== QUOTE && first !== APOSTROPHE) {
      const value = this.#word(start)
      this.#nextLine()
      return value
    }
    const value = this.#enclosed(start)
    if (!this.#isBlankFrom(this.#flowEnd)) throw new NotPlain()
    this.#nextLine()
    return value
  }

  /** Up to the end of the line or its comment. */
  #word(start: number): unknown {
    if (start >= this.#end || BEGINS_WORD[this.#text.charCodeAt(start)] !== true) throw new NotPlain()
    let end = start
    for (let at = start; at < this.#end; at += 1) {
      const sign = this.#text.charCodeAt(at)
      if (sign > LAST_OF_ASCII) throw new NotPlain()
      if (sign === SPACE) {
        if (this.#text.charCodeAt(at + 1) === HASH) break
      } else if (sign === COLON && (at + 1 === this.#end || this.#text.charCodeAt(at + 1) === SPACE)) {
        throw new NotPlain()
      } else end = at + 1
    }
    this.#spots?.push(start)
    return plainValue(this.#text.slice(start, end), notPlain)
  }

  /** Behind what `#enclosed` read last. */
  #flowEnd = 0

  /** A list or a mapping in brackets, text in quotes, or a word between brackets. */
  #enclosed(start: number): unknown {
    const first = this.#text.charCodeAt(start)
    if (first === OPEN_LIST) return this.#flowList(start)
    if (first === OPEN_MAP) return this.#flowMap(start)
    if (first === QUOTE || first === APOSTROPHE) return this.#quoted(start, first)
    let end = start
    if (BEGINS_WORD[first] === true) while (this.#isInBrackets(end)) end += 1
    if (end === start) throw new NotPlain()
    this.#flowEnd = end
    this.#spots?.push(start)
    return plainValue(this.#text.slice(start, end), notPlain)
  }

  /** A colon belongs to a word, as in `https://nn1.lab:9871`, where it is not behind a key. */
  #isInBrackets(at: number): boolean {
    const sign = this.#text.charCodeAt(at)
    return IN_BRACKETS[sign] === true || (sign === COLON && IN_BRACKETS[this.#text.charCodeAt(at + 1)] === true)
  }

  #flowList(start: number): readonly unknown[] {
    const items: unknown[] = []
    this.#flow(start, CLOSE_LIST, (item) => items.push(this.#enclosed(item)))
    return fitted(items)
  }

  #flowMap(start: number): object {
    const fields: Record<string, unknown> = {}
    let count = 0
    this.#flow(start, CLOSE_MAP, (item) => {
      const colon = this.#colonOf(item)
      if (colon === NOWHERE) throw new NotPlain()
      const key = this.#newKey(fields, { start: item, end: colon, count })
      fields[key] = this.#enclosed(this.#afterSpaces(colon + 1))
      count += 1
    })
    return fields
  }

  /** Items with a comma between two; none behind the last. */
  #flow(start: number, close: number, take: (start: number) => void): void {
    const outside = this.#open(start)
    let at = this.#afterSpaces(start + 1)
    if (this.#text.charCodeAt(at) === close) this.#flowEnd = at + 1
    else {
      for (;;) {
        take(at)
        at = this.#afterSpaces(this.#flowEnd)
        const sign = this.#text.charCodeAt(at)
        this.#flowEnd = at + 1
        if (sign === close) break
        if (sign !== COMMA) throw new NotPlain()
        at = this.#afterSpaces(at + 1)
      }
    }
    this.#close(outside)
  }

  #quoted(start: number, quote: number): string {
    let end = start + 1
    for (; this.#text.charCodeAt(end) !== quote; end += 1) {
      if (end >= this.#end || this.#text.charCodeAt(end) === BACKSLASH) throw new NotPlain()
    }
    this.#flowEnd = end + 1
    this.#spots?.push(start)
    return this.#text.slice(start + 1, end)
  }

  #newKey(fields: object, { start, end, count }: { start: number; end: number; count: number }): string {
    const key = this.#text.slice(start, end)
    const isText = typeof plainValue(key, notPlain) === 'string'
    if (!isText || count >= MOST_FIELDS || Object.hasOwn(fields, key)) throw new NotPlain()
    this.#spots?.push(start)
    return key
  }

  /** Where the key that begins there has its colon; `NOWHERE` when no key does. */
  #colonOf(start: number): number {
    if (BEGINS_KEY[this.#text.charCodeAt(start)] !== true) return NOWHERE
    let at = start + 1
    while (IN_KEY[this.#text.charCodeAt(at)] === true) at += 1
    if (this.#text.charCodeAt(at) !== COLON) return NOWHERE
    return at + 1 === this.#end || this.#text.charCodeAt(at + 1) === SPACE ? at : NOWHERE
  }

  #isDash(): boolean {
    return this.#text.charCodeAt(this.#start) === DASH && this.#text.charCodeAt(this.#start + 1) === SPACE
  }

  #afterSpaces(offset: number): number {
    let at = offset
    while (this.#text.charCodeAt(at) === SPACE) at += 1
    return at
  }

  /** Whether the rest of the line is empty or a comment. */
  #isBlankFrom(offset: number): boolean {
    const at = this.#afterSpaces(offset)
    return at >= this.#end || (at > offset && this.#text.charCodeAt(at) === HASH)
  }
}
