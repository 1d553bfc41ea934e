/**
 * YAML read quickly, by the events of a parser that makes no tree: what good policy files are made of. At anything that
 * is wrong or only unusual it gives up, and the careful reader says what it is.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'
import type { Source } from '../core/policy/problem.ts'
import { linesOf } from './policy-lines.ts'
import { plainValue } from './policy-scalar.ts'
import { offsetIn, type Spot } from './policy-spots.ts'

/** Tabs, other controls, a lone carriage return, a byte order mark, line separators, a directive, the end of a document. */
const UNUSUAL =
  /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)|^%|^\.\.\./m

/** No policy is so deep; and recursion is bounded, whoever wrote it. */
const MOST_DEPTH = 32
/** A key that is not marked by `?` ends within 1,024 characters (YAML 1.2, 7.4). */
const LONGEST_KEY = 1000

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
      if (first.type === EVENT_ID.MAPPING) found.push({ value: this.#node(first), spot: this.#spots.pop() ?? 0 })
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

  #node(event: Event): unknown {
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.ALIAS || event.type === EVENT_ID.POP) {
      throw new Unusual()
    }
    if (isMarked(event)) throw new Unusual()
    if (event.type === EVENT_ID.SCALAR) {
      this.#spots.push(this.#startOfScalar(event))
      return this.#scalar(event)
    }
    const outside = this.#spots.length
    this.#spots.push(event.start)
    const value = event.type === EVENT_ID.MAPPING ? this.#mapping() : this.#sequence()
    this.#spots.push(this.#spots.splice(outside))
    return value
  }

  #sequence(): readonly unknown[] {
    const items: unknown[] = []
    for (let event = this.#take(); event.type !== EVENT_ID.POP; event = this.#take()) items.push(this.#node(event))
    return items
  }

  #mapping(): object {
    const fields: Record<string, unknown> = {}
    for (let event = this.#take(); event.type !== EVENT_ID.POP; event = this.#take()) {
      const key = this.#key(event)
      if (Object.hasOwn(fields, key)) throw new Unusual()
      fields[key] = this.#node(this.#take())
    }
    return fields
  }

  #key(event: Event): string {
    if (event.type !== EVENT_ID.SCALAR || isMarked(event)) throw new Unusual()
    const text = this.#scalar(event)
    const start = this.#startOfScalar(event)
    // An object would move a number to its front, and spots go by the order of the keys.
    const isOrdinary = typeof text === 'string' && text !== '__proto__' && !/^\d+$/.test(text)
    if (!isOrdinary || this.#text.indexOf(':', event.valueEnd) - start > LONGEST_KEY) throw new Unusual()
    this.#spots.push(start)
    return text
  }

  #scalar(event: ScalarEvent): unknown {
    if (event.valueStart < 0) throw new Unusual()
    const text = getScalarValue(this.#text, event)
    return event.style === SCALAR_STYLE.PLAIN ? plainValue(text) : text
  }

  /** With its quote, or the `|` or `>` in the line above. */
  #startOfScalar({ style, valueStart }: ScalarEvent): number {
    switch (style) {
      case SCALAR_STYLE.PLAIN:
        return valueStart
      case SCALAR_STYLE.SINGLE_QUOTED:
      case SCALAR_STYLE.DOUBLE_QUOTED:
        return valueStart - 1
      default: {
        const lineStart = this.#text.lastIndexOf('\n', valueStart - 2) + 1
        const head = /^[^#]*?([|>]-?) *\r?\n$/.exec(this.#text.slice(lineStart, valueStart))
        if (head === null) throw new Unusual()
        return valueStart - (head[0].length - head[0].lastIndexOf(head[1] ?? ''))
      }
    }
  }
}

const isMarked = ({ anchorStart, tagStart }: { readonly anchorStart: number; readonly tagStart: number }): boolean =>
  anchorStart >= 0 || tagStart >= 0
