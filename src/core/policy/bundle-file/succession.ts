/** Which bundle may follow which. A signature says who wrote a policy; only this says that it is not an old one. */
import { KerbsideError } from '../../errors.ts'

/** What tells two bundles of one policy apart: the number that its writer counts up, and what it is. */
export type Edition = {
  /** A whole number from 1. */
  readonly sequence: number
  /** Of the content, `sha256:` and 64 hex digits. */
  readonly hash: string
}

/** A signed bundle that was taken over before can be offered again by whoever can write the file, and proves itself well. */
export type Known = {
  /** The lowest sequence that is taken at all. */
  readonly atLeast: number
  /** Those that were in force, here or before a restart. */
  readonly editions: readonly Edition[]
}

export const LARGEST_SEQUENCE = Number.MAX_SAFE_INTEGER

export const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1

/**
 * Lets through what is newer than all that is known, and what is known with the same content.
 * 1. A sequence below the floor is refused.
 * 2. A sequence below a known one is refused.
 * 3. A known sequence with other content is refused: two policies of one number, and nobody can say which is meant.
 * @throws KerbsideError `bundle-older`, `bundle-other-content`
 */
export function checkSuccession({ sequence, hash }: Edition, { atLeast, editions }: Known): void {
  if (sequence < atLeast) {
    throw new KerbsideError('bundle-older', `sequence ${sequence} is lower than ${atLeast}, the lowest that is taken`)
  }
  const newer = editions.find((known) => known.sequence > sequence)
  if (newer !== undefined) {
    throw new KerbsideError('bundle-older', `sequence ${sequence} is lower than ${newer.sequence}, which is known`)
  }
  const other = editions.find((known) => known.sequence === sequence && known.hash !== hash)
  if (other === undefined) return
  const hint = 'a changed policy needs the next number'
  throw new KerbsideError('bundle-other-content', `sequence ${sequence} is known with other content`, { hint })
}
