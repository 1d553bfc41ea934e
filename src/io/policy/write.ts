/** A policy file written anew: as a whole or not at all, and only over what was read. */
import { randomUUID } from 'node:crypto'
import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { KerbsideError } from '../../core/errors.ts'
import { whyNot } from './files.ts'

/**
 * Through links, to the file itself. Readers of policy pass over the temporary file, whose name begins with a dot.
 * @throws KerbsideError `bad-policy` when the file changed since it was read, `io-failed` when it cannot be written
 */
export async function replacePolicyFile(path: string, was: Uint8Array, text: string): Promise<void> {
  const real = await realpath(path)
  const { mode } = await stat(real)
  const beside = join(dirname(real), `.${basename(real)}.${randomUUID()}`)
  try {
    await writeFile(beside, text, { mode, flag: 'wx' })
    if (!(await readFile(real)).equals(was)) {
      throw new KerbsideError('bad-policy', `\`${path}\` was changed meanwhile: it is left alone`)
    }
    await rename(beside, real)
  } catch (error) {
    // What stays of it is passed over; why it could not be written is what counts.
    await rm(beside, { force: true }).catch(() => {})
    if (error instanceof KerbsideError) throw error
    const why = whyNot(error as NodeJS.ErrnoException)
    throw new KerbsideError('io-failed', `\`${path}\` cannot be written: ${why}`, { cause: error })
  }
}
