/** Secrets in a folder, one file for each key: what Kubernetes mounts from a Secret, and what CSI drivers and agents write. */
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { KerbsideError } from '../../core/errors.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { endedBy } from './ended-by.ts'
import { LARGEST_SECRET_BYTES, refText, segmentsOf } from './ref.ts'
import { bytesOf } from './value.ts'

/** A swap removes the folder that was just resolved; the next look finds the new one. */
const LOOKS = 3

/** Store over `<folder>/<path>/<key>`. */
export function filesStore(folder: string): SecretStore {
  return {
    fetch(ref, signal) {
      return endedBy(signal, async () => {
        const segments = segmentsOf(ref)
        for (let look = 1; ; look++) {
          try {
            return await readSecret(folder, segments, ref)
          } catch (error) {
            if (error instanceof KerbsideError) throw error
            if (look < LOOKS && codeOf(error) === 'ENOENT') continue
            throw told(error, ref, folder)
          }
        }
      })
    },
    async close() {},
  }
}

/** Symbolic links are followed, because Kubernetes swaps a Secret's files by one, but never out of the folder. */
async function readSecret(folder: string, segments: readonly string[], ref: SecretRef): Promise<Secret> {
  const root = await realpath(folder)
  const file = await realpath(join(root, ...segments))
  if (!file.startsWith(root + sep)) {
    throw new KerbsideError('secret-forbidden', `${refText(ref)} leads out of the folder of the secret store`)
  }
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await handle.stat({ bigint: true })
    if (!stat.isFile()) throw new KerbsideError('secret-malformed', `${refText(ref)} is not a file`)
    if (stat.size > LARGEST_SECRET_BYTES) {
      throw new KerbsideError('secret-malformed', `${refText(ref)} is larger than ${LARGEST_SECRET_BYTES} bytes`)
    }
    // A file that grows while it is read is read to the size it had.
    const bytes = new Uint8Array(Number(stat.size))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    if (bytesRead < bytes.length) throw new KerbsideError('secret-unavailable', `${refText(ref)} is being written`)
    return { bytes: bytesOf(bytes, ref), version: `${stat.dev}-${stat.ino}-${stat.mtimeNs}` }
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown'

function told(error: unknown, ref: SecretRef, folder: string): KerbsideError {
  const code = codeOf(error)
  const options = { cause: error }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new KerbsideError('secret-not-found', `${refText(ref)} is not in the folder \`${folder}\``, {
      ...options,
      hint: 'the secret must be mounted in the sidecar, as <folder>/<path>/<key>',
    })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new KerbsideError('secret-forbidden', `${refText(ref)} may not be read by the user of the sidecar`, options)
  }
  return new KerbsideError('secret-unavailable', `${refText(ref)} cannot be read: ${code}`, options)
}
