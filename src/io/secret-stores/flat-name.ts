/** Names of secrets in stores that know no folders, and no more than letters, digits and hyphens: `hdfs--lab--ca-dot-pem`. */
import { KerbsideError } from '../../core/errors.ts'
import type { SecretRef } from '../secret-store.ts'
import { refText, segmentsOf } from './ref.ts'

/**
 * `--` stands for a slash and `-dot-` for a dot. Two secrets never have one name.
 * @throws KerbsideError `secret-not-found` for a name that cannot be written so
 */
export function flatName(ref: SecretRef, longest: number): string {
  const segments = segmentsOf(ref)
  const isPlain = (segment: string) =>
    /^[a-z0-9]+([.-][a-z0-9]+)*$/.test(segment) && !segment.split(/[.-]/).includes('dot')
  const name = segments.join('--').replaceAll('.', '-dot-')
  if (segments.every(isPlain) && name.length <= longest) return name
  throw new KerbsideError('secret-not-found', `${refText(ref)} cannot be the name of a secret in this store`, {
    hint: `it may hold small letters, digits, and between them single hyphens and dots, up to ${longest} characters`,
  })
}
