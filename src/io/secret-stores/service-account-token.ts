/** The service-account token that stores are logged in to with. The kubelet replaces its file, so it is read anew for each login. */
import { readFile } from 'node:fs/promises'
import { KerbsideError } from '../../core/errors.ts'

/** @throws KerbsideError `secret-unauthenticated` when there is none */
export async function serviceAccountToken(file: string): Promise<string> {
  const read = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new KerbsideError('secret-unauthenticated', `the service-account token \`${file}\` cannot be read`, { cause })
  })
  const token = read.trim()
  // What else is in the file must not become a header of its own.
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new KerbsideError('secret-unauthenticated', `the file \`${file}\` holds no service-account token`)
}
