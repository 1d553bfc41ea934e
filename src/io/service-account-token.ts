/** The service-account token that the sidecar shows to broker and stores. The kubelet replaces its file, so it is read anew each time. */
import { readFile } from 'node:fs/promises'
import { type ErrorCode, KerbsideError } from '../core/errors.ts'

/** Beyond it there are no dates. */
const LATEST_SECONDS = 8.64e12

/** @throws KerbsideError `secret-unauthenticated`, or the code of who asks, when there is none */
export async function serviceAccountToken(file: string, code: ErrorCode = 'secret-unauthenticated'): Promise<string> {
  const read = await readFile(file, 'utf8').catch((cause: unknown) => {
    const mayNot = (cause as NodeJS.ErrnoException).code === 'EACCES'
    const hint = mayNot ? { hint: 'this user may not read it: see who runs, and the mode of the volume' } : {}
    throw new KerbsideError(code, `the service-account token \`${file}\` cannot be read`, { ...hint, cause })
  })
  const token = read.trim()
  // What else is in the file must not become a header of its own.
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new KerbsideError(code, `the file \`${file}\` holds no service-account token`)
}

/**
 * What to say when it is refused, if that is because it has ended: stores say only that permission is denied. Its claims are
 * read and not checked, so nothing else may rest on this.
 */
export function hintIfEnded(token: string, now: number): { readonly hint?: string } {
  const { exp } = Object(payloadOf(token)) as { readonly exp?: unknown }
  if (typeof exp !== 'number' || Math.abs(exp) >= LATEST_SECONDS) return {}
  // RFC 7519 §4.1.4: in seconds.
  const endsAt = exp * 1000
  if (now < endsAt) return {}
  const hint = `the service-account token ended ${new Date(endsAt).toISOString()}; the kubelet should have replaced it`
  return { hint }
}

/**
 * A login with it, whose refusal says that it has ended, if it has. It is read once more for that: the file has the newest.
 * @throws what the login throws
 */
export async function sayingIfEnded<T>(file: string, logIn: () => Promise<T>): Promise<T> {
  try {
    return await logIn()
  } catch (thrown) {
    if (!(thrown instanceof KerbsideError) || thrown.code !== 'secret-unauthenticated') throw thrown
    const hint = hintIfEnded(await serviceAccountToken(file).catch(() => ''), Date.now())
    throw new KerbsideError(thrown.code, thrown.message, { cause: thrown.cause, ...hint })
  }
}

/**
 * What it says of itself: the middle one of its three parts (RFC 7519). Nobody has checked its signature, and the parser's own
 * message, which would quote it, is dropped. Nothing when it is no such token.
 */
export function payloadOf(token: string): unknown {
  const parts = token.split('.')
  try {
    return parts.length === 3 ? JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')) : undefined
  } catch {
    return undefined
  }
}
