/** The service-account token that the sidecar shows to broker and stores. The kubelet replaces its file, so it is read anew each time. */
import { readFile } from 'node:fs/promises'
import { type ErrorCode, KerbsideError } from '../core/errors.ts'

/** @throws KerbsideError `secret-unauthenticated`, or the code of who asks, when there is none */
export async function serviceAccountToken(file: string, code: ErrorCode = 'secret-unauthenticated'): Promise<string> {
  const read = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new KerbsideError(code, `the service-account token \`${file}\` cannot be read`, { cause })
  })
  const token = read.trim()
  // What else is in the file must not become a header of its own.
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new KerbsideError(code, `the file \`${file}\` holds no service-account token`)
}
