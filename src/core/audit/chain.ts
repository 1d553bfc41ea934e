/** The chain: each record carries the hash of the one before, so that a change anywhere breaks everything after it. */
import { KerbsideError } from '../errors.ts'
import type { Unhashed } from './line.ts'
import { hashedText, withHash } from './line.ts'
import type { AuditRecord, Entry } from './record.ts'
import { FORMAT } from './schema.ts'

/** SHA-256 of the UTF-8 bytes of a text, as 64 hex digits. Passed in: core has no crypto. */
export type Sha256 = (text: string) => string

export const NO_HASH = '0'.repeat(64)

/** Where the next record goes. */
export type Link = {
  readonly previous: string
  readonly sidecar: string
  readonly sequence: number
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string
}

/**
 * The entry as a numbered, timed and hashed record, and its line without line end.
 * @throws KerbsideError `internal` when the entry has not the shape of its kind: what cannot be read is not written
 */
export function chain(
  entry: Entry,
  link: Link,
  sha256: Sha256,
): { readonly record: AuditRecord; readonly line: string } {
  const { previous, sidecar, sequence, time } = link
  const unhashed = { format: FORMAT, sidecar, sequence, time, ...entry, previous } as Unhashed
  const hashed = hashedText(unhashed)
  if ('problem' in hashed) throw new KerbsideError('internal', `an audit entry is not usable: ${hashed.problem}`)
  const hash = sha256(hashed.text)
  // Nobody else has the object yet: a copy of it for one more field would take as long as the hash.
  const record = Object.assign(unhashed, { hash }) as AuditRecord
  return { record, line: withHash(hashed.text, hash) }
}
