/** One thing that happened, as a list shows it: an operation with its end, or a single record of another kind. */
import type { End, Entry, What, Who, Why } from '../../core/audit/record.ts'

/** Where an item stands among all of them: by time, then chain, then number. The order of every list, newest first. */
export type Place = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly sidecar: string
  readonly sequence: number
}

export type Item = Place & {
  /** `start` for an operation, `end` for an end whose start is not here. */
  readonly kind: Entry['kind']
  readonly who: Who
  /** Of operations. */
  readonly what?: What
  /** Of operations; not of an end whose start is not here. */
  readonly why?: Why
  /** Absent while the operation runs, and for ever when the sidecar died during it. */
  readonly end?: End & Pick<Place, 'at' | 'sequence'>
  /** Of records that are no operation: one line for a person. Not made printable. */
  readonly note?: string
}

/** `MS.SIDECAR.NUMBER`, for a link. */
export const writePlace = ({ at, sidecar, sequence }: Place): string => `${at}.${sidecar}.${sequence}`

/** Nothing when the text is no place. */
export function readPlace(text: string): Place | undefined {
  const [, at = '', sidecar = '', sequence = ''] =
    /^(\d{1,15})\.([A-Za-z0-9][A-Za-z0-9._-]{0,127})\.(\d{1,15})$/.exec(text) ?? []
  return at === '' ? undefined : { at: Number(at), sidecar, sequence: Number(sequence) }
}
