/** The query of a WebHDFS request: each name and value decoded exactly once, names lower-cased as the NameNode does. */
import { decodeOnce, type Refused } from './target.ts'

export type Query = ReadonlyMap<string, string>

/**
 * Names are folded before they are compared (`hdfs/web/ParamFilter.java`), so `op` and `OP` are one parameter, and one
 * given twice is refused: which of the two counts is answered differently by NameNode and DataNode. HdfsCLI sends
 * `user.name` twice on step two; it is never used, so the same value again passes. `xattr.name` is a list: each in a line.
 */
export function parseQuery(raw: string): Query | Refused {
  const query = new Map<string, string>()
  for (const piece of raw.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    const name = decodePlus(equals < 0 ? piece : piece.slice(0, equals))?.toLowerCase()
    const value = decodePlus(equals < 0 ? '' : piece.slice(equals + 1))
    if (name === undefined || value === undefined) return { refuse: 'bad-parameter' }
    const before = query.get(name)
    if (name === 'xattr.name' && before !== undefined && !value.includes('\n')) {
      query.set(name, `${before}\n${value}`)
      continue
    }
    if (before !== undefined && !(name === 'user.name' && before === value)) return { refuse: 'duplicate-parameter' }
    query.set(name, value)
  }
  return query
}

/** A query for an upstream URL. Values are encoded so that one decoding gives them back, `+` and `;` included. */
export function writeQuery(pairs: Iterable<readonly [name: string, value: string]>): string {
  return [...pairs].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

/** In a query, and only there, `+` is a space. */
function decodePlus(text: string): string | undefined {
  return decodeOnce(text.replaceAll('+', '%20'))
}
