/** What a store holds for a key, as bytes; and what is told by name because it is not what was meant to be put in. */
import { KerbsideError } from '../../core/errors.ts'
import type { SecretRef } from '../secret-store.ts'
import { LARGEST_SECRET_BYTES, refText } from './ref.ts'

/**
 * Bytes that a store holds as bytes.
 * @throws KerbsideError `secret-malformed` when there are too many, or when they are the base64 text of a keytab
 */
export function bytesOf(bytes: Uint8Array, ref: SecretRef): Uint8Array {
  if (bytes.length > LARGEST_SECRET_BYTES) {
    throw new KerbsideError('secret-malformed', `${refText(ref)} is larger than ${LARGEST_SECRET_BYTES} bytes`)
  }
  if (!isKeytabInBase64(bytes)) return bytes
  throw new KerbsideError('secret-malformed', `${refText(ref)} is a keytab in base64 where its bytes should be`, {
    hint: 'it was encoded once too often: put the file itself in',
  })
}

/**
 * Bytes of a value in a store that holds text: PEM and XML stand as they are; everything else is base64.
 * @throws KerbsideError `secret-malformed` for what is none of these, without quoting it
 */
export function bytesOfText(text: string, ref: SecretRef): Uint8Array {
  if (/^\s*(-----BEGIN |<)/.test(text)) return bytesOf(new TextEncoder().encode(text), ref)
  const compact = text.replace(/\s+/g, '')
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact) && compact !== '') {
    return bytesOf(Uint8Array.from(Buffer.from(compact, 'base64')), ref)
  }
  throw new KerbsideError('secret-malformed', `${refText(ref)} is neither base64 nor PEM nor XML`, {
    hint: 'put files that are not text in as base64: "$(base64 FILE)"',
  })
}

/** A keytab begins with the bytes 5 and 2, so its base64 with `BQI`, `BQJ`, `BQK` or `BQL`. */
function isKeytabInBase64(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  return /^\s*BQ[I-L]/.test(start) && /^[A-Za-z0-9+/=\s]+$/.test(Buffer.from(bytes).toString('latin1'))
}
