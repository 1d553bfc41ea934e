/** Files of an audit directory that may have grown: those of days that are over are looked at once, and then never again. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readSegmentName } from '../core/audit/segment-name.ts'
import { KerbsideError } from '../core/errors.ts'
import { isDay } from '../io/audit/layout.ts'

export type Grown = {
  /** Relative to the directory. */
  readonly name: string
  readonly bytes: number
}

export type Scan = {
  /** In the order of their folders, and of a chain in the order of its records. */
  readonly files: readonly Grown[]
  /** Folders of days, whether they were looked into or not. */
  readonly days: readonly string[]
}

/**
 * @param passOver whether the folder of a day need not be looked into
 * @throws KerbsideError `io-failed`
 */
export async function scan(directory: string, passOver: (folder: string) => boolean): Promise<Scan> {
  const files: Grown[] = []
  const days: string[] = []

  async function visit(folder: string): Promise<void> {
    if (isDay(basename(folder))) {
      days.push(folder)
      if (passOver(folder)) return
    }
    const entries = await readdir(join(directory, folder), { withFileTypes: true })
    const segments = entries.filter((entry) => entry.isFile() && readSegmentName(entry.name) !== undefined)
    for (const { name } of segments.toSorted(bySegment)) {
      const { size: bytes } = await stat(join(directory, folder, name))
      files.push({ name: join(folder, name), bytes })
    }
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
    for (const below of folders.toSorted()) await visit(below)
  }

  try {
    await visit('')
  } catch (cause) {
    throw new KerbsideError('io-failed', `\`${directory}\` cannot be read`, { cause })
  }
  return { files, days }
}

function bySegment(one: { readonly name: string }, other: { readonly name: string }): number {
  const [a, b] = [readSegmentName(one.name), readSegmentName(other.name)]
  if (a === undefined || b === undefined || a.sidecar === b.sidecar) return (a?.number ?? 0) - (b?.number ?? 0)
  return a.sidecar < b.sidecar ? -1 : 1
}

/** The day of a file that stands in the folder of one. */
export function dayOfFile(name: string): string | undefined {
  const folder = basename(dirname(name))
  return isDay(folder) ? folder : undefined
}
