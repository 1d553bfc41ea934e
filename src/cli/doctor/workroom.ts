/** A folder of doctor's own for what it makes on the way, never the sidecar's: mode 0700, in memory where there is any, gone at the end. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Place } from './place.ts'

const MEMORY = '/dev/shm'

export class Workroom {
  readonly #made: string[] = []

  /** A sidecar's root is read-only, and its run folder in memory. */
  async make(place: Place): Promise<string> {
    const folder = await mkdtemp(join(await parent(place), 'kerbside-doctor-'))
    this.#made.push(folder)
    return folder
  }

  async clear(): Promise<void> {
    for (const folder of this.#made.splice(0)) await rm(folder, { recursive: true, force: true })
  }
}

async function parent(place: Place): Promise<string> {
  if (place.where === 'sidecar') return place.settings.runDirectory
  const isThere = await stat(MEMORY).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return isThere ? MEMORY : tmpdir()
}
