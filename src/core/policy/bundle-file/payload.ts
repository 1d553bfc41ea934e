/**
 * What is signed: the documents of a policy, each with the lines it stood on, as the one JSON text that says it.
 * `readPayload(writePayload(x))` is `x`. No clock and no machine is in it: one directory and one sequence give one text.
 */
import { z } from 'zod'
import { KerbsideError } from '../../errors.ts'
import { parseInstant } from '../../instant.ts'
import { sortedJson } from '../language/build-bundle.ts'
import { type Edition, isSequence } from './succession.ts'

/** One document, and what is left of the file it was read from. Lines are counted from 1. */
export type FiledDocument = {
  readonly file: string
  readonly line: number
  /** Of a PolicyTest, the line of each case. */
  readonly caseLines?: readonly number[]
  /** As it was written, not checked yet. */
  readonly document: unknown
}

export type Payload = Edition & {
  /** RFC 3339; only where its maker gave one. */
  readonly created?: string
  /** In file order. */
  readonly documents: readonly FiledDocument[]
}

export const FORMAT = 1

const line = z.int().min(1)
const PAYLOAD = z.strictObject({
  format: z.literal(FORMAT),
  sequence: z.custom<number>(isSequence, 'is not a whole number from 1'),
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  created: z.custom<string>((given) => typeof given === 'string' && parseInstant(given) !== undefined).optional(),
  documents: z
    .array(
      z.strictObject({
        file: z.string().min(1),
        line,
        caseLines: z.array(line).optional(),
        document: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1),
})

export const writePayload = (payload: Payload): string => sortedJson({ format: FORMAT, ...payload })

/**
 * Strict: a field that is not known may be one that a later version makes a difference by, so nothing is passed over.
 * @throws KerbsideError `bundle-bad-content` that names the first wrong field
 */
export function readPayload(text: string): Payload {
  const given = parse(text)
  const format = typeof given === 'object' && given !== null && 'format' in given ? given.format : undefined
  if (typeof format === 'number' && format !== FORMAT) {
    const hint = 'this version of Kerbside reads format 1'
    throw new KerbsideError('bundle-bad-content', `the format of the bundle is ${format}`, { hint })
  }
  const read = PAYLOAD.safeParse(given)
  if (!read.success) {
    const { path = [], message = '' } = read.error.issues[0] ?? {}
    throw bad(
      `\`${path.map(String).join('.') || 'the bundle'}\`: ${message.replace(/^[A-Z]/, (first) => first.toLowerCase())}`,
    )
  }
  const { format: _, created, documents, ...edition } = read.data
  return {
    ...edition,
    ...(created === undefined ? {} : { created }),
    documents: documents.map(({ caseLines, ...rest }) => ({
      ...rest,
      ...(caseLines === undefined ? {} : { caseLines }),
    })),
  }
}

/** In no other form than it is written in: a key given twice, say, would be two policies in one. */
function parse(text: string): unknown {
  let value: unknown
  let isCanonical = false
  try {
    value = JSON.parse(text)
    // Only keys that are whole numbers stand in another order in an object than in its text: so the first is quick, and enough.
    isCanonical = (JSON.stringify(value) === text && isSorted(value)) || sortedJson(value) === text
  } catch (cause) {
    throw new KerbsideError('bundle-bad-content', 'the content of the bundle is not JSON', { cause })
  }
  if (!isCanonical) throw bad('the content of the bundle is not in canonical form')
  // In canonical form only a key can look like this. Schema libraries pass over it.
  if (text.includes('"__proto__":')) throw bad('the content of the bundle has a field `__proto__`')
  return value
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isSorted)
  let before = ''
  for (const [key, inner] of Object.entries(value)) {
    if (key < before || !isSorted(inner)) return false
    before = key
  }
  return true
}

const bad = (message: string): KerbsideError => new KerbsideError('bundle-bad-content', message)
