/** HDFS paths that cannot be wrong: decoded once, strictly, and canonical. */
import type { RequestReason } from '../reasons.ts'

declare const canonical: unique symbol
/** A path that {@link parsePath} accepted: absolute, no empty, dot or reserved segment, NFD kept as NFD. No other code can make one. */
export type HdfsPath = string & { readonly [canonical]: true }

export const ROOT = '/' as HdfsPath

/** Bytes of UTF-8. The NameNode takes 8000 UTF-16 units (`HdfsServerConstants.MAX_PATH_LENGTH`); bytes are never fewer. */
const LONGEST_PATH_BYTES = 8000
/** Of UTF-8, for each unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3
/** Segments. The NameNode takes 1000 (`HdfsServerConstants.MAX_PATH_DEPTH`). */
const DEEPEST_PATH = 1000

/**
 * A path from text that is already decoded, such as a policy file's. Nothing is collapsed or repaired: two texts of one
 * path would be two readings of one rule. A path below `.snapshot` or `.reserved` is another name for a live path.
 */
export function parsePath(text: string): { readonly path: HdfsPath } | { readonly problem: RequestReason } {
  if (!text.isWellFormed()) return { problem: 'bad-encoding' }
  if (/\p{Cc}/u.test(text)) return { problem: 'control-character' }
  if (!text.startsWith('/')) return { problem: 'relative-path' }
  if (text.length * MOST_BYTES_A_UNIT > LONGEST_PATH_BYTES && utf8Length(text) > LONGEST_PATH_BYTES)
    return { problem: 'path-too-long' }
  if (text === ROOT) return { path: ROOT }
  const segments = text.slice(1).split('/')
  if (segments.length > DEEPEST_PATH) return { problem: 'path-too-long' }
  if (segments.includes('')) return { problem: 'empty-segment' }
  if (segments.includes('.') || segments.includes('..')) return { problem: 'dot-segment' }
  if (segments[0] === '.reserved') return { problem: 'reserved-path' }
  if (segments.includes('.snapshot')) return { problem: 'snapshot-path' }
  return { path: text as HdfsPath }
}

/** Segments of a path, outermost first; none for `/`. */
export function segmentsOf(path: HdfsPath): readonly string[] {
  return path === ROOT ? [] : path.slice(1).split('/')
}

/** The directory that holds the path; `/` holds itself. */
export function parentOf(path: HdfsPath): HdfsPath {
  const slash = path.lastIndexOf('/')
  return slash < 1 ? ROOT : (path.slice(0, slash) as HdfsPath)
}

/**
 * A child that HDFS itself named in a listing, only to decide whether to show it. A name that no request could spell,
 * such as one with `%41` in it, is still a name: to hide it would lose rows of a table without a word.
 */
export function childOf(path: HdfsPath, name: string): HdfsPath | undefined {
  if (name === '' || name === '.' || name === '..' || name.includes('/')) return undefined
  return (path === ROOT ? `/${name}` : `${path}/${name}`) as HdfsPath
}

/** Bytes of well-formed text in UTF-8. */
function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}
