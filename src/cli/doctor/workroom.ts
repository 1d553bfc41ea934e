/**
 * A folder of doctor's own for what it makes on the way, never the sidecar's: mode 0700, in memory where there is any, gone at the
 * end. In a sidecar there is one at a time, so that a key which is wrong is not shown by many doctors at once.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_WITHIN_MS } from '../../core/doctor/checks.ts'
import { KerbsideError } from '../../core/errors.ts'
import { inRunFolder } from '../../io/kerberos/run-files.ts'
import type { Place } from './place.ts'

const NAME = 'kerbside-doctor'
const MEMORY = '/dev/shm'
/** One that is older was killed. */
const STALE_MS = 2 * ALL_WITHIN_MS

export class Workroom {
  #folder: string | undefined
  #problem: KerbsideError | undefined

  /** Where it cannot be made, whoever needs it is told: other checks go on. @throws KerbsideError when another doctor is at work */
  async open(place: Place): Promise<void> {
    try {
      this.#folder = await (place.where === 'sidecar' ? claim(place.settings.runDirectory) : makeAnywhere())
    } catch (thrown) {
      if (!(thrown instanceof KerbsideError) || thrown.code === 'not-ready') throw thrown
      this.#problem = thrown
    }
  }

  /** @throws KerbsideError `disk-full` or `io-failed` */
  get folder(): string {
    if (this.#folder !== undefined) return this.#folder
    throw this.#problem ?? new KerbsideError('internal', 'doctor has no folder yet')
  }

  async clear(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The root of a sidecar is read-only, and its run folder in memory. */
async function claim(runDirectory: string): Promise<string> {
  const folder = join(runDirectory, NAME)
  const age = await stat(folder).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => undefined,
  )
  if (age !== undefined && Math.abs(age) > STALE_MS) await rm(folder, { recursive: true, force: true })
  return inRunFolder(async () => {
    await mkdir(folder, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause
      const hint = 'it ends within a minute; two would show the KDC a key twice'
      throw new KerbsideError('not-ready', 'another doctor is at work in this sidecar', { hint, cause })
    })
    return folder
  })
}

async function makeAnywhere(): Promise<string> {
  const isThere = await stat(MEMORY).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return mkdtemp(join(isThere ? MEMORY : tmpdir(), `${NAME}-`))
}
