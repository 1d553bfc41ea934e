/** A file that has no name on any filesystem: it ends with the processes that hold it, also when they are killed. */
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Creates it in a memory-backed folder, mode 0600, unlinks it, and only then writes the bytes. A child process that gets the
 * handle as its descriptor N reads it as `/proc/self/fd/N`.
 */
export async function unnamedFile(folder: string, bytes: Uint8Array): Promise<FileHandle> {
  const name = join(folder, `.${randomBytes(8).toString('hex')}`)
  const handle = await open(name, 'wx+', 0o600)
  try {
    await unlink(name)
    await handle.writeFile(bytes)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
