/** A certificate authority in a folder of its own: `ca.crt` and `ca.key`. For the demo, and for whoever brings an authority along. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { KerbsideError } from '../../../core/errors.ts'
import type { Authority, AuthorityStore } from '../certificates.ts'

export function authorityInDirectory(directory: string): AuthorityStore {
  const folder = resolve(directory)
  return {
    async read() {
      const certificateFile = join(folder, 'ca.crt')
      const certificatePem = await readIfThere(certificateFile)
      if (certificatePem === undefined) return undefined
      const keyPem = await readIfThere(join(folder, 'ca.key'))
      if (keyPem !== undefined) return { certificatePem, keyPem }
      throw new KerbsideError('io-failed', `\`${certificateFile}\` has no key beside it`, {
        hint: 'put `ca.key` there, or delete `ca.crt` to have both made',
      })
    },
    async create(authority: Authority) {
      try {
        await createFolder(folder, authority)
        return true
      } catch (cause) {
        if (hasCode(cause, 'ENOTEMPTY') || hasCode(cause, 'EEXIST')) return false
        throw new KerbsideError('io-failed', `\`${folder}\` cannot be made`, { cause })
      }
    },
  }
}

/** The folder appears whole, by one rename that only the first can do: rename(2) replaces an empty folder, no other. */
async function createFolder(folder: string, { certificatePem, keyPem }: Authority): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const scratch = await mkdtemp(`${folder}.`)
  try {
    await writeFile(join(scratch, 'ca.crt'), certificatePem, { mode: 0o644 })
    await writeFile(join(scratch, 'ca.key'), keyPem, { mode: 0o600 })
    await rename(scratch, folder)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined
    throw new KerbsideError('io-failed', `\`${file}\` cannot be read`, { cause })
  }
}

const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === code
