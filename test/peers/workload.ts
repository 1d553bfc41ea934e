/**
 * The one workload that every policy engine of the bench decides: who may read which prefix, and requests whose right
 * answer is known. The same numbers on every machine and for every engine: nothing in it is left to chance.
 */

/** One team may read what lies at and below one prefix. */
export type Rule = { readonly prefix: string; readonly team: string }

/** A team wants to read a path of six components. Half of all requests are to be allowed. */
export type Request = { readonly team: string; readonly path: string; readonly allowed: boolean }

export type Workload = {
  readonly rules: readonly Rule[]
  /**
   * The requests from `from` on: over all prefixes, each prefix once allowed and once not, in an order that looks
   * random. Paths and teams are made anew, so that no engine knows one again by the object that holds it.
   */
  requests(from: number, count: number): readonly Request[]
}

/** What one engine needed with so many datasets; decisions are timed in batches. */
export type PeerFigures = {
  readonly datasets: number
  /** Nanoseconds for one decision in the median batch. */
  readonly nanoseconds: number
  /** The same in the fastest batch, which had its processor to itself. */
  readonly bestNanoseconds: number
}

export const TEAMS = ['quant', 'climate', 'fraud', 'credit', 'search', 'speech', 'vision', 'routing'] as const
/** Of every path that is asked for. */
export const COMPONENTS = 6

/** As many prefixes, of four and of five components. */
export function workload(datasets: number): Workload {
  const rules = Array.from({ length: datasets }, (_, index) => ({ prefix: prefixOf(index), team: teamOf(index) }))
  const order = shuffled(2 * datasets)
  return {
    rules,
    requests: (from, count) => Array.from({ length: count }, (_, at) => request(from + at, rules, order)),
  }
}

function request(number: number, rules: readonly Rule[], order: Uint32Array): Request {
  const pick = order[number % order.length] ?? 0
  const index = pick >> 1
  const rule = rules[index]
  if (rule === undefined) throw new Error('a workload has at least one rule')
  const allowed = pick % 2 === 0
  const below = depthOf(index) === COMPONENTS - 1 ? '' : `/day-${number % 366}`
  const team = allowed ? rule.team : teamOf(index + 1 + (number % (TEAMS.length - 1)))
  return { team: anew(team), path: anew(`${rule.prefix}${below}/part-${number}.parquet`), allowed }
}

/** Names of many lengths that share long beginnings, as directories of a bank do. */
function prefixOf(index: number): string {
  const table = `/data/area-${index % 10}/desk-${Math.floor(index / 10) % 20}/table_${index}`
  return depthOf(index) === 5 ? `${table}/curated` : table
}

const depthOf = (index: number): number => (index % 3 === 0 ? 5 : 4)
const teamOf = (index: number): string => TEAMS[index % TEAMS.length] ?? ''

/** A flat string of its own: one that is put together from parts would be flattened by whoever reads it first. */
const anew = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** The numbers below `count` in an order that looks random, by Fisher and Yates with a generator of 32 bits (mulberry32). */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  let state = 0x9e3779b9
  for (let last = count - 1; last > 0; last--) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    const other = ((mixed ^ (mixed >>> 14)) >>> 0) % (last + 1)
    const held = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = held
  }
  return order
}
