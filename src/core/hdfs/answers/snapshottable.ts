/** Directories that can have snapshots: HDFS names them all over the cluster, and here only those that policy shows. */
import { on } from '../demands.ts'
import type { Filter } from '../operation.ts'
import { childOf, type HdfsPath, parsePath } from '../path.ts'
import { isFields, readAnswer, rowsAt } from './read-answer.ts'

/** `{"SnapshottableDirectoryList":[{"dirStatus":{"pathSuffix":"x",…},"parentFullPath":"/data",…}]}`. */
export const SNAPSHOTTABLE: Filter = {
  without: 'directories that policy does not show',
  cut(body, { isVisible }) {
    const document = readAnswer(body)
    // Where there is none, HDFS leaves the list out.
    const rows =
      document['SnapshottableDirectoryList'] === undefined ? [] : rowsAt(document, 'SnapshottableDirectoryList')
    const shown = rows.filter((row) => {
      const path = pathOf(row)
      return path !== undefined && isVisible([on('list', path), on('snap-read', path)])
    })
    return JSON.stringify({ SnapshottableDirectoryList: shown })
  },
}

function pathOf(row: unknown): HdfsPath | undefined {
  if (!isFields(row) || !isFields(row['dirStatus'])) return undefined
  const { parentFullPath, dirStatus } = row
  const { pathSuffix } = dirStatus as { pathSuffix?: unknown }
  if (typeof parentFullPath !== 'string' || typeof pathSuffix !== 'string') return undefined
  const parent = parsePath(parentFullPath === '' ? '/' : parentFullPath)
  if ('problem' in parent) return undefined
  return pathSuffix === '' ? parent.path : childOf(parent.path, pathSuffix)
}
