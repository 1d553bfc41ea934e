/** Names of the files that a sidecar's records stand in, `UID-NUMBER.ndjson`: written by the sidecar, read by everyone else. */
import { SIDECAR } from './schema.ts'

/** `number` counts from 0; together the segments of a sidecar are one chain. */
export type Segment = { readonly sidecar: string; readonly number: number }

export const writeSegmentName = ({ sidecar, number }: Segment): string => `${sidecar}-${number}.ndjson`

/** What a file's name says, or nothing when it is not a segment's. */
export function readSegmentName(name: string): Segment | undefined {
  const match = /^(.+)-(0|[1-9]\d{0,14})\.ndjson$/.exec(name)
  const [, sidecar = '', digits = ''] = match ?? []
  return SIDECAR.test(sidecar) ? { sidecar, number: Number(digits) } : undefined
}
