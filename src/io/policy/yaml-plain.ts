/**
 * YAML read at once, without a parser: the few forms that nearly all of a policy is written in. At anything else, wrong or
 * not, the reader gives up, and one that knows more of YAML takes the file.
 */
import type { Place, Problem, Source } from '../../core/policy/language/problem.ts'
import { linesOf } from './lines.ts'
import { type PlainDocument, PlainReader } from './plain-reader.ts'
import { offsetIn, type Spot } from './spots.ts'
import { UNUSUAL } from './yaml-limits.ts'

/** One source a document that is not blank, all of them whole; or undefined when the file needs another reader. */
export function readPlain(file: string, text: string): readonly Source[] | undefined {
  if (UNUSUAL.test(text) || text.includes('\r')) return undefined
  let documents: readonly PlainDocument[]
  try {
    documents = new PlainReader(text).documents()
  } catch {
    return undefined
  }
  const read: Read = { file, text, place: linesOf(file, text) }
  return documents.map((document) => new PlainSource(read, document))
}

type Read = { readonly file: string; readonly text: string; readonly place: (offset: number) => Place }

/** A class, since a function of its own for each of tens of thousands is half of what a document takes. */
class PlainSource implements Source {
  readonly file: string
  readonly value: object
  readonly problems: readonly Problem[] = NO_PROBLEMS
  readonly isIntact = true
  readonly #start: number
  readonly #read: Read
  #spots: Spot | undefined

  constructor(read: Read, { value, start }: PlainDocument) {
    this.file = read.file
    this.value = value
    this.#start = start
    this.#read = read
  }

  place(path: readonly PropertyKey[], part: 'key' | 'value' = 'value'): Place {
    const { text, place } = this.#read
    if (path.length === 0) return place(this.#start)
    // Seldom asked for, so that it is cheaper to read the document once more than to keep the place of everything.
    this.#spots ??= new PlainReader(text).spotsFrom(this.#start)
    return place(offsetIn(this.value, this.#spots, path, part))
  }
}

const NO_PROBLEMS: readonly Problem[] = []
