/**
 * What a line says was asked, read as cheaply as a million of them need. It is no proof that the line is a record to the
 * last byte: for that there is `kerbside audit verify`.
 */
import { headOf } from './glimpse.ts'
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

const PREVIOUS = ',"previous":"'
const HASH = '","hash":"'
const DIGEST_UNITS = 64
const HASH_UNITS = HASH.length + DIGEST_UNITS + 2
const TAIL_UNITS = PREVIOUS.length + DIGEST_UNITS + HASH_UNITS

/**
 * Nothing when the line is no record. What stands between two of a record's fields, such as `,"what":{`, stands in no text
 * of JSON, whose quotes have backslashes: so the fields are found without reading them, and those that many records have in
 * common are read once.
 */
export function readAsked(line: string): Asked | Other | undefined {
  const head = headOf(line)
  const tail = line.length - TAIL_UNITS
  const isWhole =
    line.endsWith('"}') && line.startsWith(HASH, line.length - HASH_UNITS) && line.startsWith(PREVIOUS, tail)
  if (head === undefined || !isWhole) return undefined
  const { sidecar, sequence, kind } = head
  const at = Date.parse(head.time)
  if (Number.isNaN(at)) return undefined
  if (kind === 'end') return { sidecar, sequence, at }
  if (kind !== 'start') {
    const who = parse(line)?.['who']
    return isWho(who) ? { sidecar, sequence, at, who } : undefined
  }
  const whoAt = line.indexOf(',"who":{')
  const whatAt = line.indexOf(',"what":{', whoAt)
  const whyAt = line.indexOf(',"why":{', whatAt)
  if (whoAt < 0 || whatAt < 0 || whyAt < 0) return undefined
  const who = knownWho(line.slice(whoAt + 7, whatAt))
  const why = knownWhy(line.slice(whyAt + 7, tail))
  const what = parse(line.slice(whatAt + 8, whyAt))
  return who !== undefined && why !== undefined && isWhat(what) ? { sidecar, sequence, at, who, what, why } : undefined
}

type Fields = Readonly<Record<string, unknown>>

function parse(text: string): Fields | undefined {
  try {
    // It begins with an opening brace: what is parsed is an object.
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** So many texts are kept; then all are forgotten. */
const MOST_KEPT = 1024

/** Reads a text once. Whatever is the same text is the same value, which nobody changes. */
function keeping<T>(isRight: (value: unknown) => value is T): (text: string) => T | undefined {
  const kept = new Map<string, T | undefined>()
  return (text) => {
    if (kept.has(text)) return kept.get(text)
    const value = parse(text)
    const right = isRight(value) ? value : undefined
    if (kept.size >= MOST_KEPT) kept.clear()
    // A piece of a line keeps the whole block of lines that it was cut from, so the key is a text of its own.
    kept.set(JSON.parse(JSON.stringify(text)), right)
    return right
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

const knownWho = keeping(isWho)
const knownWhy = keeping(isWhy)
