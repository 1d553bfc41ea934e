/** Cuts a directory listing of HDFS down to what policy shows. */
import type { Demand } from '../policy/decision/demand.ts'
import { fieldsAt, isFields, readAnswer, rowsAt } from './answers/read-answer.ts'
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
  const document = readAnswer(body)
  const listing = fieldsAt(document, 'FileStatuses')
  const shown = shownRows(rowsAt(listing, 'FileStatus'), directory, isVisible)
  return JSON.stringify({ ...document, FileStatuses: { ...listing, FileStatus: shown } })
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
  if (!isFields(row)) return undefined
  const { pathSuffix: suffix, type } = row
  if (typeof suffix !== 'string' || type === 'SYMLINK') return undefined
  const isListOfSnapshots = snapshot !== undefined && snapshot.name === undefined
  return suffix === '' || isListOfSnapshots ? path : childOf(path, suffix)
}

function needsOf(child: HdfsPath, { snapshot }: Target): Demand[] {
  return snapshot === undefined ? [on('stat', child)] : [on('stat', child), on('snap-read', child)]
}
