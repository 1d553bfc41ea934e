/**
 * Which form of slices a sidecar reads and a broker writes. A sidecar asks by number, since either may be older than the other: a broker that
 * has none of that form says so by name, and the sidecar goes on with the slice that it has for as long as that counts.
 */

/** The `format` of a slice in `slice-line.ts`, where it is written and read. */
export const SLICE_FORMAT = 2
/** Of a request for slices. */
export const SLICE_FORMAT_HEADER = 'kerbside-slice-format'

/** What a request asks for; sidecars from before this header read 2. Undefined where it is no number. */
export function askedFormat(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined) return 2
  return typeof header === 'string' && /^[1-9]\d{0,5}$/.test(header) ? Number(header) : undefined
}
