/**
 * A record as one line of NDJSON, and back. A record has exactly one line: fields in the order of schema.ts, no blanks,
 * every harmful character escaped, the hash last. So whoever doubts us needs no program of ours to check a hash:
 * `sed 's/,"hash":"[0-9a-f]*"}$/}/'` on the line, and SHA-256 over what is left without its line end.
 */
import { isPlainUnhashed } from './plain.ts'
import { escapeUnits } from './printable.ts'
import type { AuditRecord } from './record.ts'
import { FORMATS, hashField, SHAPES } from './schema.ts'
import { inOrder, isInOrder, problemIn, type Shape } from './shape.ts'

/** Longest line that is written or read, in UTF-16 units: two of the longest paths of HDFS with every unit escaped. */
export const MAX_LINE_UNITS = 262_144

export type Unhashed = AuditRecord extends infer R ? (R extends unknown ? Omit<R, 'hash'> : never) : never

/** What the hash is taken over: the line without its hash. Nothing when the record has not the shape of its kind. */
export function hashedText(record: Unhashed): { readonly text: string } | { readonly problem: string } {
  const written = JSON.stringify(record)
  if (isPlainUnhashed(written, record)) return { text: written }
  const shape = shapeOf(record)
  if (typeof shape === 'string') return { problem: shape }
  const problem = problemIn(record, shape)
  if (problem !== undefined) return { problem }
  const text = escapeUnits(JSON.stringify(inOrder(record, shape)))
  return text.length <= MAX_LINE_UNITS ? { text } : { problem: 'the record is too long' }
}

const unknownFormat = (format: unknown): string =>
  Number.isSafeInteger(format) && Number(format) > FORMATS.length
    ? `its format is ${format}, and this program knows ${FORMATS.join(' and ')}: a later version wrote it`
    : '`format` is not one that a record has'

/** The line of a record, without line end. The record must be one that `chain` or {@link fromLine} gave. */
export function toLine(record: AuditRecord): string {
  const { hash, ...rest } = record
  const hashed = hashedText(rest as Unhashed)
  return 'text' in hashed ? withHash(hashed.text, hash) : JSON.stringify(record)
}

export function withHash(text: string, hash: string): string {
  return `${text.slice(0, -1)},"hash":"${hash}"}`
}

/** A record, and the text that its hash is over. */
export type Line = { readonly record: AuditRecord; readonly hashed: string }

/** The record of a line. A line that {@link toLine} would write otherwise, if only by one blank, is none. */
export function fromLine(line: string): Line | { readonly problem: string } {
  if (line.length > MAX_LINE_UNITS + 100) return { problem: 'it is too long' }
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return { problem: 'it is not JSON' }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { problem: 'it is not an object' }
  const record = parsed as AuditRecord
  const wrong = hashField.wrong(record.hash)
  if (wrong !== undefined) return { problem: `\`hash\` ${wrong}` }
  const shape = shapeOf(record)
  if (typeof shape === 'string') return { problem: shape }
  const whole = withHashField(shape)
  const problem = problemIn(record, whole)
  if (problem !== undefined) return { problem }
  const hashed = `${line.slice(0, -HASH_UNITS)}}`
  if (hashed.length > MAX_LINE_UNITS) return { problem: 'the record is too long' }
  // What JSON.parse gives has its fields as the line has them: where they are in order, the line is what we would write.
  const isOurs = isInOrder(record, whole) && escapeUnits(JSON.stringify(record)) === line
  return isOurs ? { record, hashed } : { problem: 'it is not written as Kerbside writes it' }
}

/** `,"hash":"…"}` at the end of a line. */
const HASH_UNITS = withHash('}', '0'.repeat(64)).length

/** Shapes with their hash, as it stands in the line: last. */
const wholes = new Map<Shape, Shape>()
function withHashField(shape: Shape): Shape {
  const known = wholes.get(shape)
  if (known !== undefined) return known
  const whole = { ...shape, hash: hashField }
  wholes.set(shape, whole)
  return whole
}

/** Which fields a record has, or why there is no saying. */
function shapeOf({ format, kind }: Pick<AuditRecord, 'format' | 'kind'>): Shape | string {
  const shapes = SHAPES.get(format)
  if (shapes === undefined) return unknownFormat(format)
  return shapes.get(kind) ?? '`kind` is not one that a record of this format has'
}
