/** Cuts a directory listing of HDFS down to what policy shows. */
import { KerbsideError } from '../errors.ts'
import type { Demand } from '../policy/decision/demand.ts'
import { on } from './demands.ts'
import { childOf, type HdfsPath } from './path.ts'
import type { Target } from './target.ts'

/**
 * @param body answer of LISTSTATUS: `{"FileStatuses":{"FileStatus":[{"pathSuffix":"x",…}]}}`
 * @param isVisible whether policy allows all of these
 * @returns the same document without the rows that it does not show
 * @throws KerbsideError `hdfs-broken-answer`: what cannot be read cannot be filtered, so it is not passed on
 */
export function filterListing(
  body: string,
  directory: Target,
  isVisible: (needs: readonly Demand[]) => boolean,
): string {
  const document = parse(body)
  const rows = document.FileStatuses?.FileStatus
  if (!Array.isArray(rows)) throw new KerbsideError('hdfs-broken-answer', 'a listing without FileStatuses')
  const shown = shownRows(rows, directory, isVisible)
  return JSON.stringify({ ...document, FileStatuses: { ...document.FileStatuses, FileStatus: shown } })
}

/** Rows that policy shows. A symbolic link is another name for a path that could be anywhere: it is not shown. */
export function shownRows(
  rows: readonly unknown[],
  directory: Target,
  isVisible: (needs: readonly Demand[]) => boolean,
): readonly unknown[] {
  return rows.filter((row) => {
    const child = pathOf(row, directory)
    return child !== undefined && isVisible(needsOf(child, directory))
  })
}

/** A file's own listing is one row with an empty suffix. Below `.snapshot` stand snapshots: names of the directory itself. */
function pathOf(row: unknown, { path, snapshot }: Target): HdfsPath | undefined {
  const suffix = typeof row === 'object' && row !== null && 'pathSuffix' in row ? row.pathSuffix : undefined
  if (typeof suffix !== 'string' || isLink(row)) return undefined
  const isListOfSnapshots = snapshot !== undefined && snapshot.name === undefined
  return suffix === '' || isListOfSnapshots ? path : childOf(path, suffix)
}

const isLink = (row: unknown): boolean =>
  typeof row === 'object' && row !== null && 'type' in row && row.type === 'SYMLINK'

function needsOf(child: HdfsPath, { snapshot }: Target): Demand[] {
  return snapshot === undefined ? [on('stat', child)] : [on('stat', child), on('snap-read', child)]
}

type Listing = { readonly FileStatuses?: { readonly FileStatus?: unknown } }

function parse(body: string): Listing {
  try {
    const document: unknown = JSON.parse(body)
    return typeof document === 'object' && document !== null ? document : {}
  } catch (cause) {
    throw new KerbsideError('hdfs-broken-answer', 'a listing that is not JSON', { cause })
  }
}
