/** What a reader asks for. Everything that is set must hold. */
import type { What } from './record.ts'
import type { Row } from './row.ts'
import { recordOf } from './row.ts'

export type Filter = {
  readonly team?: string
  readonly identity?: string
  readonly effect?: 'allow' | 'deny'
  /** `OPEN`, in any case. */
  readonly operation?: string
  /** A path, and all that is below it: `/data/market` is not a prefix of `/data/market-restricted`. */
  readonly pathPrefix?: string
  /** A piece of a path. */
  readonly pathText?: string
  /** Milliseconds since the epoch: from here on, and before there. */
  readonly since?: number
  readonly until?: number
}

/** Both paths of a RENAME count. A row that is no operation matches as long as nothing is asked of operations. */
export function matches(row: Row, filter: Filter): boolean {
  const record = recordOf(row)
  const at = Date.parse(record.time)
  if (filter.since !== undefined && at < filter.since) return false
  if (filter.until !== undefined && at >= filter.until) return false
  if (filter.team !== undefined && record.who.team !== filter.team) return false
  if (filter.identity !== undefined && record.who.identity !== filter.identity) return false
  const { effect, operation, pathPrefix, pathText } = filter
  if (effect !== undefined && (row.of !== 'operation' || row.start.why.effect !== effect)) return false
  if (operation === undefined && pathPrefix === undefined && pathText === undefined) return true
  if (!('what' in record)) return false
  if (operation !== undefined && record.what.operation.toUpperCase() !== operation.toUpperCase()) return false
  const paths = pathsOf(record.what)
  if (pathPrefix !== undefined && !paths.some((path) => isAtOrBelow(path, pathPrefix))) return false
  return pathText === undefined || paths.some((path) => path.includes(pathText))
}

const pathsOf = ({ path, destination }: What): readonly string[] =>
  destination === undefined ? [path] : [path, destination]

function isAtOrBelow(path: string, prefix: string): boolean {
  const folder = prefix.replace(/\/+$/, '')
  return path === folder || path.startsWith(`${folder}/`)
}
