/** Reads an answer of HDFS before it is cut. What is not as expected cannot be cut, so it is not passed on. */
import { KerbsideError } from '../../errors.ts'

export type Fields = Readonly<Record<string, unknown>>

/** @throws KerbsideError `hdfs-broken-answer` for what is no JSON object */
export function readAnswer(body: string): Fields {
  try {
    const document: unknown = JSON.parse(body)
    if (isFields(document)) return document
  } catch (cause) {
    throw new KerbsideError('hdfs-broken-answer', 'an answer that is not JSON', { cause })
  }
  throw new KerbsideError('hdfs-broken-answer', 'an answer that is no object')
}

/** @throws KerbsideError `hdfs-broken-answer` where there is none */
export function fieldsAt(given: Fields, name: string): Fields {
  const value = given[name]
  if (isFields(value)) return value
  throw new KerbsideError('hdfs-broken-answer', `an answer without \`${name}\``)
}

/** @throws KerbsideError `hdfs-broken-answer` where there is none */
export function rowsAt(given: Fields, name: string): readonly unknown[] {
  const value = given[name]
  if (Array.isArray(value)) return value
  throw new KerbsideError('hdfs-broken-answer', `an answer without a list of \`${name}\``)
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy with only these fields: one that a later Hadoop adds is not passed on unseen. */
export function only(given: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(given, name) ? [[name, given[name]]] : [])))
}
