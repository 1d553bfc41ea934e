/**
 * Patterns for lines as nearly all of them are, made from the tables of schema.ts. A text that fits is a right record, written as Kerbside
 * writes it, to the byte: fields in their order, nothing escaped. One that does not fit may be one as well, and whoever asks then looks
 * with care. So nothing is taken or written that would not be without this: it only saves looking at every field of twenty thousand
 * records a second.
 */
import type { AuditRecord } from './record.ts'
import { hashField, SHAPES } from './schema.ts'
import type { Field, Shape } from './shape.ts'

/** Neither a text nor a list in a line of this length can be too long. */
export const MAX_PLAIN_UNITS = 3_000

/** What is caught of a line, in the order of the tables. */
const CAUGHT = new Set([
  'sidecar',
  'sequence',
  'time',
  'who.namespace',
  'who.pod',
  'who.serviceAccount',
  'previous',
  'hash',
])

const patternsOf = (make: (shape: Shape) => Shape): ReadonlyMap<string, RegExp> =>
  new Map(
    [...SHAPES].flatMap(([format, shapes]) =>
      [...shapes].map(([kind, shape]) => [`${format} ${kind}`, new RegExp(`^${objectOf(make(shape), '')}$`)]),
    ),
  )

/** Of whole lines, by format and kind: `2 start`. */
export const PLAIN_LINES = patternsOf((shape) => ({ ...shape, hash: hashField }))
const UNHASHED = patternsOf((shape) => shape)

/** Whether a text is one that the hash of a record of this format and kind is taken over. */
export const isPlainUnhashed = (text: string, { format, kind }: Pick<AuditRecord, 'format' | 'kind'>): boolean =>
  text.length <= MAX_PLAIN_UNITS && UNHASHED.get(`${format} ${kind}`)?.test(text) === true

/** An object with its fields in order, those that are optional or not. */
function objectOf(shape: Shape, under: string): string {
  let isFirst = true
  const fields = Object.entries(shape).map(([name, field]) => {
    // Where all before it are optional, whether a comma is due shows in what stands there.
    const comma = isFirst ? '(?:(?<=\\{)|(?<!\\{),)' : ','
    if (!field.optional) isFirst = false
    const text = `${comma}"${name}":${patternOf(field, `${under}${name}`)}`
    return field.optional ? `(?:${text})?` : text
  })
  return `\\{${fields.join('')}\\}`
}

function patternOf({ inner, plain = '(?!)' }: Field<unknown>, path: string): string {
  if (inner !== undefined) return objectOf(inner, `${path}.`)
  if (!CAUGHT.has(path)) return plain
  return plain.startsWith('"') ? `"(${plain.slice(1, -1)})"` : `(${plain})`
}
