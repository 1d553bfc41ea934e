/** A file written anew, as a whole or not at all: whoever reads it meanwhile has the old one or the new one. */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** On the disk when it resolves. `mode` as `chmod` takes it. Throws what the system says. */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${randomUUID()}`)
  try {
    const handle = await open(beside, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
