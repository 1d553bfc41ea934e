/** What lies in an audit directory: the logs of sidecars, each a chain in one or more segments. Folders below are looked into. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { readSegmentName } from '../../core/audit/segment-name.ts'
import { KerbsideError } from '../../core/errors.ts'
import { isDay } from './layout.ts'

export type SegmentFile = {
  readonly number: number
  readonly path: string
  /** Relative to the directory. */
  readonly name: string
  readonly bytes: number
}

export type SidecarLog = {
  readonly sidecar: string
  /** In the order in which they were written. */
  readonly segments: readonly SegmentFile[]
  /** When the newest segment was last written to, milliseconds since the epoch. */
  readonly modifiedAt: number
}

/**
 * Newest first. The same sidecar in two folders is two logs; folders of days, as a broker makes them, are one.
 * @throws KerbsideError `io-failed` when the directory is not there or cannot be read
 */
export async function readAuditDirectory(directory: string): Promise<readonly SidecarLog[]> {
  const logs = new Map<string, { sidecar: string; segments: SegmentFile[]; modifiedAt: number }>()
  for (const entry of await entriesOf(directory)) {
    const segment = entry.isFile() ? readSegmentName(entry.name) : undefined
    if (segment === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const folder = isDay(basename(entry.parentPath)) ? dirname(entry.parentPath) : entry.parentPath
    const key = join(folder, segment.sidecar)
    const log = logs.get(key) ?? { sidecar: segment.sidecar, segments: [], modifiedAt: 0 }
    logs.set(key, log)
    const { size: bytes, mtimeMs } = await stat(path)
    log.segments.push({ number: segment.number, path, name: relative(directory, path), bytes })
    log.modifiedAt = Math.max(log.modifiedAt, mtimeMs)
  }
  for (const { segments } of logs.values()) segments.sort((one, other) => one.number - other.number)
  return [...logs.values()].toSorted((one, other) => other.modifiedAt - one.modifiedAt)
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true, recursive: true })
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new KerbsideError('io-failed', `\`${directory}\` ${isAbsent ? 'is not there' : 'cannot be read'}`, {
      cause,
      hint: 'name the folder that sidecars write their `*.ndjson` to',
    })
  }
}
