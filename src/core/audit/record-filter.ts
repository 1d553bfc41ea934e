/**
 * What a reader of records asks for, as it stands in the URL: a finding is a link. `readFilter(writeFilter(filter))` is
 * `filter`. What is not understood is refused, never left out: an answer to another question would be believed. Both speak of pairs, as
 * URLSearchParams gives and takes them.
 */
import { formatInstant, parseInstant } from '../instant.ts'
import { nearest } from '../nearest.ts'
import { KINDS, SIDECAR } from './schema.ts'

/** Of these any number of values may be asked for; a record has to have one of them. */
export const FACETS = [
  'team',
  'identity',
  'namespace',
  'dataset',
  'operation',
  'decision',
  'reason',
  'kind',
  'job',
] as const
export type Facet = (typeof FACETS)[number]

/** Everything that is set must hold. Lists are sorted, without doubles, and not empty. */
export type RecordFilter = {
  readonly team?: readonly string[]
  readonly identity?: readonly string[]
  readonly namespace?: readonly string[]
  readonly dataset?: readonly string[]
  /** `OPEN`, as it stands in the record. */
  readonly operation?: readonly string[]
  /** `allow` or `deny`. */
  readonly decision?: readonly string[]
  readonly reason?: readonly string[]
  /** Of record: `start`, `credential` and so on. */
  readonly kind?: readonly string[]
  /** What made the pod: `Job/train-7`. */
  readonly job?: readonly string[]
  /** A path and all that is below it: `/data/market` is not a prefix of `/data/market-restricted`. */
  readonly path?: string
  /** A piece of either path, case and all. */
  readonly text?: string
  /** One chain. */
  readonly sidecar?: string
  /** So far back from now, milliseconds; never together with `from` or `until`. */
  readonly lastMs?: number
  /** Milliseconds since the epoch: from here on, and before there. */
  readonly from?: number
  readonly until?: number
}

const MOST_VALUES = 50
const LONGEST = 8192
const ONCE = ['path', 'text', 'sidecar', 'last', 'from', 'until'] as const
const KNOWN: readonly string[] = [...FACETS, ...ONCE]
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export type Pair = readonly [name: string, value: string]

/** The filter, or everything that is wrong with the query, each as a sentence. */
export type FilterRead = { readonly filter: RecordFilter } | { readonly problems: readonly string[] }

/**
 * A value that is empty counts as not given: a form sends all its fields.
 * @param besides keys of the page itself, such as `after`, which are not looked at
 */
export function readFilter(query: Iterable<Pair>, besides: readonly string[] = []): FilterRead {
  const problems: string[] = []
  const filter: Record<string, unknown> = {}
  for (const [key, pairs] of Map.groupBy(query, ([name]) => name)) {
    if (besides.includes(key)) continue
    const values = pairs.map(([, value]) => value).filter((value) => value !== '')
    if (!KNOWN.includes(key)) problems.push(unknown('filter', key, KNOWN))
    else if (values.length > 0) read(key, values, filter, problems)
  }
  if ('lastMs' in filter && ('from' in filter || 'until' in filter))
    problems.push('`last` and `from` or `until` are given together')
  return problems.length > 0 ? { problems } : { filter: filter as RecordFilter }
}

function read(key: string, values: readonly string[], filter: Record<string, unknown>, problems: string[]): void {
  const [first = ''] = values
  if (values.some((value) => value.length > LONGEST)) problems.push(`\`${key}\` is longer than ${LONGEST} characters`)
  else if (FACETS.some((facet) => facet === key)) readList(key, values, filter, problems)
  else if (values.length > 1) problems.push(`\`${key}\` is given more than once`)
  else if (key === 'path' && !first.startsWith('/')) problems.push('`path` does not begin with a slash')
  else if (key === 'sidecar' && !SIDECAR.test(first)) problems.push('`sidecar` cannot name a chain')
  else if (key === 'path' || key === 'text' || key === 'sidecar') filter[key] = first
  else readTime(key, first, filter, problems)
}

function readList(key: string, values: readonly string[], filter: Record<string, unknown>, problems: string[]): void {
  const list = [...new Set(values)].sort()
  const closed = key === 'decision' ? ['allow', 'deny'] : key === 'kind' ? Object.keys(KINDS) : undefined
  const wrong = list.find((value) => closed?.includes(value) === false)
  if (wrong !== undefined) problems.push(unknown(key, wrong, closed ?? []))
  else if (list.length > MOST_VALUES) problems.push(`\`${key}\` has more than ${MOST_VALUES} values`)
  else if (key === 'job' && list.some((value) => !value.includes('/'))) problems.push('`job` is not `KIND/NAME`')
  else filter[key] = list
}

function readTime(key: string, text: string, filter: Record<string, unknown>, problems: string[]): void {
  if (key === 'last') {
    const [, count = '', unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? []
    if (count === '') problems.push('`last` is not a time back such as `24h` or `7d`')
    else filter['lastMs'] = Number(count) * UNITS[unit as keyof typeof UNITS]
    return
  }
  const instant = parseInstant(text)
  if (instant === undefined || parseInstant(formatInstant(instant)) !== instant)
    problems.push(`\`${key}\` is not a moment with its zone, such as \`2027-01-31T00:00:00Z\``)
  else filter[key] = instant
}

/** The same filter has the same text, so that two links can be compared. */
export function writeFilter(filter: RecordFilter): [name: string, value: string][] {
  const { path, text, sidecar, lastMs, from, until } = filter
  const once = {
    path,
    text,
    sidecar,
    last: lastMs === undefined ? undefined : writeLast(lastMs),
    from: from === undefined ? undefined : formatInstant(from),
    until: until === undefined ? undefined : formatInstant(until),
  }
  return [
    ...FACETS.flatMap((facet) => (filter[facet] ?? []).map((value): [string, string] => [facet, value])),
    ...Object.entries(once).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ]
}

function writeLast(ms: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, each]) => ms % each === 0) ?? ['m', UNITS.m]
  return `${ms / size}${unit}`
}

/** From when to when, milliseconds since the epoch; what is open is not there. */
export function windowOf(
  { lastMs, from, until }: RecordFilter,
  now: number,
): { readonly from?: number; readonly until?: number } {
  if (lastMs !== undefined) return { from: now - lastMs }
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) }
}

function unknown(what: string, given: string, known: readonly string[]): string {
  const near = nearest(given, known)
  return `\`${given}\` is no ${what}${near === undefined ? `: there are ${known.join(', ')}` : `; did you mean \`${near}\`?`}`
}
