/** The same columns for DuckDB, which reads lines of records by itself: made from the table, with no text of anybody else in it. */
import { COLUMNS, type Column } from './columns.ts'

type Tree = Map<string, Tree | Column['type']>

/**
 * The `columns` of `read_json`: the shape of a line, as far as there are columns for it, `{"format": 'BIGINT', "who": 'STRUCT(…)'}`.
 * It takes lines as {@link forDuckDb} gives them.
 */
export function lineColumns(): string {
  const tree: Tree = new Map()
  for (const { type, fields } of COLUMNS) for (const field of fields) put(tree, field.split('.'), type)
  return `{${[...tree].map(([name, of]) => `${quoted(name)}: '${typeOf(of)}'`).join(', ')}}`
}

/** What is selected from such lines: one expression for each column, with its name. */
export const columnExpressions = (): string =>
  COLUMNS.map(({ name, fields }) => `${expressionOf(fields)} AS ${quoted(name)}`).join(', ')

/** Half of a surrogate pair, whole pairs and other escapes being passed over: a backslash begins one escape only. */
const ESCAPES = /\\u(?:d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(?<half>d[89a-f][0-9a-f]{2}))|\\./g

/**
 * The line of a record so that DuckDB reads it. It refuses a text with half of a surrogate pair, which a client may have sent, and
 * a record must not be able to hide behind that: the half becomes U+FFFD, as it does for everybody who writes UTF-8.
 */
export const forDuckDb = (line: string): string =>
  line.includes('\\ud') ? line.replace(ESCAPES, (all, half) => (half === undefined ? all : '\\ufffd')) : line

function put(tree: Tree, [name = '', ...rest]: readonly string[], type: Column['type']): void {
  if (rest.length === 0) {
    tree.set(name, type)
    return
  }
  const below = tree.get(name)
  const inner: Tree = below instanceof Map ? below : new Map()
  tree.set(name, inner)
  put(inner, rest, type)
}

const typeOf = (of: Tree | Column['type']): string =>
  of instanceof Map ? `STRUCT(${[...of].map(([name, type]) => `${quoted(name)} ${typeOf(type)}`).join(', ')})` : of

function expressionOf(fields: readonly string[]): string {
  const [first = '', ...more] = fields.map((field) => field.split('.').map(quoted).join('.'))
  return more.length === 0 ? first : `coalesce(${[first, ...more].join(', ')})`
}

const quoted = (name: string): string => `"${name}"`
