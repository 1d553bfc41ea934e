/** A policy bundle as a file: made from a directory and signed, read and verified, or looked at without belief. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setImmediate as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { KerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { fileAway, takeOut, takingOut } from '../../core/policy/bundle-file/filed.ts'
import { type Payload, readPayload, writePayload } from '../../core/policy/bundle-file/payload.ts'
import type { Source } from '../../core/policy/language/problem.ts'
import { inPieces } from '../in-pieces.ts'
import type { BundleKey, TrustedKeys } from './bundle-keys.ts'
import { type Header, openUnverified, openVerified, toText } from './bundle-signature.ts'

/** Twice what a directory may hold in YAML: base64url makes a third more of it, and each line is written out. */
export const LARGEST_BUNDLE_BYTES = 32 * 1024 * 1024

export type Opened = { readonly payload: Payload; readonly bundle: Bundle }

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

type Making = { readonly bundle: Bundle; readonly sources: readonly Source[] }
type Stamp = { readonly sequence: number; readonly created?: string }

/** What is to be signed. It is opened again before it is given away: a bundle that says something else is none. */
export function payloadOf({ bundle, sources }: Making, stamp: Stamp): string {
  const text = writePayload({ ...stamp, hash: bundle.hash, documents: fileAway(sources) })
  if (isDeepStrictEqual(takeOut(readPayload(text), sha256), bundle)) return text
  throw new KerbsideError('internal', 'the bundle, opened again, is not what was put into it')
}

/**
 * Text of a bundle that a trusted key signed, as the bundle. Its sequence is not looked at: see `checkSuccession`.
 * @throws KerbsideError with one of the `bundle-…` codes
 */
export async function openBundle(text: string, keys: TrustedKeys): Promise<Opened & { readonly key: BundleKey }> {
  const { payload: signed, key } = await openVerified(text, keys)
  // Each of these steps is long for a large policy, and a webhook and a broker have requests to answer meanwhile.
  await pause()
  const payload = readPayload(signed)
  return { payload, bundle: await inPieces(takingOut(payload, sha256)), key }
}

/**
 * What a bundle says, whoever wrote it. The header is absent when it is not even signed.
 * @throws KerbsideError with one of the `bundle-…` codes
 */
export function lookInto(text: string): Opened & { readonly header?: Header } {
  if (text.startsWith('{')) {
    const payload = readPayload(text.replace(/\n$/, ''))
    return { payload, bundle: takeOut(payload, sha256) }
  }
  const { header, payload: bytes } = openUnverified(text)
  const payload = readPayload(toText(bytes))
  return { header, payload, bundle: takeOut(payload, sha256) }
}

/** @throws KerbsideError `bad-policy` when it cannot be read, `bundle-unsigned` for a folder, `bundle-malformed` */
export async function readBundleText(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable(file))
  try {
    const about = await handle.stat()
    if (about.isDirectory()) {
      const hint = 'a signed policy is one file, which `kerbside policy build` makes'
      throw new KerbsideError('bundle-unsigned', `\`${file}\` is a folder, and nothing in it is signed`, { hint })
    }
    if (!about.isFile()) throw new KerbsideError('bundle-malformed', `\`${file}\` is not a file`)
    if (about.size > LARGEST_BUNDLE_BYTES) {
      const most = `${LARGEST_BUNDLE_BYTES / 1024 / 1024} MiB`
      throw new KerbsideError('bundle-malformed', `\`${file}\` is larger than ${most}`)
    }
    // A file that grows while it is read is read to the size it had.
    const bytes = Buffer.alloc(about.size)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead).toString('utf8')
  } catch (error) {
    throw error instanceof KerbsideError ? error : unreadable(file)(error as NodeJS.ErrnoException)
  } finally {
    await handle.close()
  }
}

const unreadable =
  (file: string) =>
  (cause: NodeJS.ErrnoException): never => {
    const why = cause.code === 'ENOENT' ? 'it does not exist' : cause.message
    throw new KerbsideError('bad-policy', `the policy bundle \`${file}\` cannot be read: ${why}`, { cause })
  }
