/**
 * What a line says was asked, read as cheaply as a million of them need. It is no proof that the line is a record to the
 * last byte: for that there is `kerbside audit verify`.
 */
import { glimpse } from './glimpse.ts'
import type { What, Who, Why } from './record.ts'
import type { Start } from './row.ts'

/** The start of an operation, with those of its fields looked at that {@link Asked} names. */
export type Asked = {
  readonly sidecar: string
  readonly sequence: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly who: Pick<Who, 'team' | 'identity' | 'namespace'>
  readonly what: Pick<What, 'operation' | 'path' | 'destination' | 'parameters' | 'dataset'>
  readonly why: Pick<Why, 'effect' | 'reason' | 'grants' | 'bundle'>
}

/** Any other record. An end has the identity of its start, so it is not looked for. */
export type Other = {
  readonly sidecar: string
  readonly sequence: number
  readonly at: number
  readonly who?: Asked['who']
}

const TAIL = ',"hash":"'
const TAIL_UNITS = TAIL.length + 64 + 2
const endsAsRecord = (line: string): boolean => line.endsWith('"}') && line.startsWith(TAIL, line.length - TAIL_UNITS)

/** Nothing when the line is no record. */
export function readAsked(line: string): Asked | Other | undefined {
  const head = glimpse(line)
  if (head === undefined || !endsAsRecord(line)) return undefined
  const { sidecar, sequence, kind } = head
  const at = Date.parse(head.time)
  if (Number.isNaN(at)) return undefined
  if (kind === 'end') return { sidecar, sequence, at }
  const record = parse(line)
  if (record === undefined || !isWho(record['who'])) return undefined
  const { who, what, why } = record
  if (kind !== 'start') return { sidecar, sequence, at, who }
  return isWhat(what) && isWhy(why) ? { sidecar, sequence, at, who, what, why } : undefined
}

type Fields = Readonly<Record<string, unknown>>

function parse(line: string): Fields | undefined {
  try {
    // The head was an opening brace: what is parsed is an object.
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextIfThere = (value: unknown): boolean => value === undefined || isText(value)

const isWho = (who: unknown): who is Start['who'] =>
  isObject(who) && isText(who['team']) && isText(who['identity']) && isText(who['namespace'])

function isWhat(what: unknown): what is Start['what'] {
  if (!isObject(what) || !isText(what['operation']) || !isText(what['path'])) return false
  const { destination, dataset, parameters } = what
  if (!isTextIfThere(destination) || !isTextIfThere(dataset)) return false
  return parameters === undefined || (isObject(parameters) && Object.values(parameters).every(isText))
}

function isWhy(why: unknown): why is Start['why'] {
  if (!isObject(why) || (why['effect'] !== 'allow' && why['effect'] !== 'deny')) return false
  return isText(why['reason']) && isText(why['bundle']) && Array.isArray(why['grants']) && why['grants'].every(isText)
}
