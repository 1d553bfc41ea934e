/** Names of secrets, checked alike for every store: no name can lead out of the place that the store is about. */
import { KerbsideError } from '../../core/errors.ts'
import type { SecretRef } from '../secret-store.ts'

/** Keytabs and CAs are a few KiB; Kubernetes and KV stores stop at 1 MiB too. */
export const LARGEST_SECRET_BYTES = 1 << 20

/**
 * Segments of path and key.
 * @throws KerbsideError `secret-not-found` for a name that no secret can have
 */
export function segmentsOf(ref: SecretRef): readonly string[] {
  const segments = [...ref.path.split('/'), ref.key]
  // A leading dot is refused as well: `..data` is how Kubernetes swaps, not a secret.
  const isName = (segment: string) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment)
  if (segments.every(isName)) return segments
  throw new KerbsideError('secret-not-found', `${refText(ref)} cannot be the name of a secret`)
}

/** For messages: `hdfs/quant-research` `keytab`. */
export function refText({ path, key }: SecretRef): string {
  return `secret \`${path}\` \`${key}\``
}
