/**
 * YAML read quickly, by the events of a parser that makes no tree: what good policy files are made of. At anything that
 * is wrong or only unusual it gives up, and the careful reader says what it is. The parser takes a little more than YAML
 * is (`- [a] b: c`), so the layout is looked at, too: each key and each dash is the first on its line, each value stands
 * beside its key.
 */
import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'
import { parse } from 'yaml'
import type { Source } from '../../core/policy/language/problem.ts'
import { linesOf } from './lines.ts'
import { plainValue } from './scalar.ts'
import { offsetIn, type Spot } from './spots.ts'
import { STRICT_YAML } from './yaml-careful.ts'
import { LONGEST_KEY, MOST_DEPTH, MOST_FIELDS, UNUSUAL } from './yaml-limits.ts'

/** One source a document that is not blank, all of them whole; or undefined when the file needs the careful reader. */
export function readFast(file: string, text: string): readonly Source[] | undefined {
  if (UNUSUAL.test(text)) return undefined
  try {
    const reader = new Reader(text, parseEvents(text, { maxDepth: MOST_DEPTH }))
    const place = linesOf(file, text)
    return reader.documents().map(({ value, spot }) => ({
      file,
      value,
      problems: [],
      isIntact: true,
      place: (path, part = 'value') => place(offsetIn(value, spot, path, part)),
    }))
  } catch {
    // Whatever it is: the careful reader finds it too, and says it better.
    return undefined
  }
}

class Unusual extends Error {}

/** Rare enough for the careful parser to say; so that the two cannot differ. */
const carefully = (text: string): unknown => parse(text, STRICT_YAML)

/** Where a collection that is written as lines begins. */
type Block = { readonly start: number; readonly column: number }
const NOWHERE = -1

class Reader {
  readonly #text: string
  readonly #events: readonly Event[]
  #next = 0
  /** Spots of what is open: each value pushes its own when it ends. */
  readonly #spots: Spot[] = []

  constructor(text: string, events: readonly Event[]) {
    this.#text = text
    this.#events = events
  }

  documents(): readonly { readonly value: unknown; readonly spot: Spot }[] {
    const found: { readonly value: unknown; readonly spot: Spot }[] = []
    while (this.#next < this.#events.length) {
      this.#take() // the document's own event
      const first = this.#take()
      if (first.type === EVENT_ID.MAPPING) {
        const value = this.#collection(first, this.#indentOf(first.start))
        found.push({ value, spot: this.#spots.pop() ?? 0 })
      }
      // Nothing between two `---`. Any other document is no policy.
      else if (first.type !== EVENT_ID.SCALAR || first.valueStart >= 0 || isMarked(first)) throw new Unusual()
      if (this.#take().type !== EVENT_ID.POP) throw new Unusual()
    }
    return found
  }

  #take(): Event {
    const event = this.#events[this.#next]
    if (event === undefined) throw new Unusual()
    this.#next += 1
    return event
  }

  /** @param column of what stands there, when that is a block of lines */
  #node(event: Event, column: number): unknown {
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return this.#collection(event, column)
    if (event.type !== EVENT_ID.SCALAR) throw new Unusual()
    this.#spots.push(this.#startOf(event))
    return this.#scalar(event)
  }

  #collection(event: MappingEvent | SequenceEvent, column: number): unknown {
    // The parser refuses a block beside something else, too.
    if (isMarked(event) || (event.style === COLLECTION_STYLE.BLOCK && column < 0)) throw new Unusual()
    const outside = this.#spots.length
    this.#spots.push(event.start)
    const place = event.style === COLLECTION_STYLE.BLOCK ? { start: event.start, column } : undefined
    const value = event.type === EVENT_ID.MAPPING ? this.#mapping(place) : this.#sequence(place)
    this.#spots.push(this.#spots.splice(outside))
    return value
  }

  #sequence(block: Block | undefined): readonly unknown[] {
    const items: unknown[] = []
    for (let event = this.#take(); event.type !== EVENT_ID.POP; event = this.#take()) {
      let column = NOWHERE
      if (block !== undefined) {
        const start = this.#startOf(event)
        const dash = this.#beforeSpaces(start)
        const isInPlace = items.length === 0 ? dash === block.start : this.#indentOf(dash) === block.column
        if (!isInPlace) throw new Unusual()
        column = block.column + start - dash
      }
      items.push(this.#node(event, column))
    }
    return items
  }

  #mapping(block: Block | undefined): object {
    const fields: Record<string, unknown> = {}
    let count = 0
    for (let event = this.#take(); event.type !== EVENT_ID.POP; event = this.#take()) {
      const key = this.#key(event)
      const valueEvent = this.#take()
      if (block !== undefined) {
        const isInPlace = count === 0 ? key.start === block.start : this.#indentOf(key.start) === block.column
        if (!isInPlace || !(isBlock(valueEvent) || this.#isBeside(key.end, valueEvent))) throw new Unusual()
      }
      count += 1
      if (count > MOST_FIELDS || Object.hasOwn(fields, key.text)) throw new Unusual()
      fields[key.text] = this.#node(valueEvent, isBlock(valueEvent) ? this.#indentOf(valueEvent.start) : NOWHERE)
    }
    return fields
  }

  #key(event: Event): { readonly text: string; readonly start: number; readonly end: number } {
    if (event.type !== EVENT_ID.SCALAR) throw new Unusual()
    const text = this.#scalar(event)
    const start = this.#startOf(event)
    // An object would move a number to its front, and spots go by the order of the keys.
    const isOrdinary = typeof text === 'string' && text !== '__proto__' && !/^\d+$/.test(text)
    if (!isOrdinary || this.#text.indexOf(':', event.valueEnd) - start > LONGEST_KEY) throw new Unusual()
    this.#spots.push(start)
    return { text, start, end: event.valueEnd + (event.style === SCALAR_STYLE.PLAIN ? 0 : 1) }
  }

  #isBeside(keyEnd: number, event: Event): boolean {
    return /^ *: +$/.test(this.#text.slice(keyEnd, this.#startOf(event)))
  }

  /** How many spaces an offset has before it on its line; `NOWHERE` when something else is there. */
  #indentOf(offset: number): number {
    const before = this.#beforeSpaces(offset)
    return before < 0 || this.#text[before] === '\n' ? offset - before - 1 : NOWHERE
  }

  #beforeSpaces(offset: number): number {
    let before = offset - 1
    while (this.#text[before] === ' ') before -= 1
    return before
  }

  #scalar(event: ScalarEvent): unknown {
    const { valueStart, valueEnd, style } = event
    if (valueStart < 0 || isMarked(event)) throw new Unusual()
    const isLines = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
    if (!event.fast && !isLines && this.#text.slice(valueStart, valueEnd).includes('\n')) throw new Unusual()
    const text = getScalarValue(this.#text, event)
    return style === SCALAR_STYLE.PLAIN ? plainValue(text, carefully) : text
  }

  /** Of a scalar with its quote, or with the `|` or `>` in the line above. */
  #startOf(event: Event): number {
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start
    if (event.type !== EVENT_ID.SCALAR) throw new Unusual()
    const { style, valueStart } = event
    if (style === SCALAR_STYLE.PLAIN) return valueStart
    if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) return valueStart - 1
    const lineStart = this.#text.lastIndexOf('\n', valueStart - 2) + 1
    const head = /[|>]-? *\r?\n$/.exec(this.#text.slice(lineStart, valueStart))
    if (head === null) throw new Unusual()
    return valueStart - head[0].length
  }
}

const isBlock = (event: Event): event is MappingEvent | SequenceEvent =>
  (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) && event.style === COLLECTION_STYLE.BLOCK

const isMarked = ({ anchorStart, tagStart }: { readonly anchorStart: number; readonly tagStart: number }): boolean =>
  anchorStart >= 0 || tagStart >= 0
