/** What a broker needs of a record, read from its line in one pass: twenty thousand of them come in a second. */
import type { Line } from './line.ts'
import { withHash } from './line.ts'
import { MAX_PLAIN_UNITS, PLAIN_LINES } from './plain.ts'
import type { AuditRecord, Who } from './record.ts'

/** Whose record it is, its place in the chain, and of which pod it speaks. */
export type Brief = Pick<AuditRecord, 'sidecar' | 'sequence' | 'time' | 'kind' | 'previous' | 'hash'> & {
  readonly who: Pick<Who, 'namespace' | 'pod' | 'serviceAccount'>
}

/** What `fromLine` says of the line; nothing where it is not a plain one, which may still be a record. */
export function plainLine(line: string): (Omit<Line, 'record'> & { readonly record: Brief }) | undefined {
  if (line.length > MAX_PLAIN_UNITS) return undefined
  const kind = kindIn(line)
  const caught = PLAIN_LINES.get(`${line.charAt(FORMAT_AT)} ${kind}`)?.exec(line)
  if (!caught) return undefined
  const [, sidecar = '', sequence, time = '', namespace = '', pod = '', serviceAccount = '', previous = '', hash = ''] =
    caught
  const who = { namespace, pod, serviceAccount }
  const record: Brief = { sidecar, sequence: Number(sequence), time, kind: kind as Brief['kind'], who, previous, hash }
  return { record, hashed: `${line.slice(0, -HASH_UNITS)}}` }
}

const FORMAT_AT = '{"format":'.length
const KIND = ',"kind":"'
/** `,"hash":"…"}` at the end of a line. */
const HASH_UNITS = withHash('}', '0'.repeat(64)).length

/** Where a line is no record, this is anything: then it fits no pattern. */
function kindIn(line: string): string {
  const from = line.indexOf(KIND) + KIND.length
  return line.slice(from, line.indexOf('"', from))
}
