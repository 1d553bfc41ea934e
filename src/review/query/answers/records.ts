/** A page of records, by keyset: what comes in meanwhile moves nothing on it. */

import { KerbsideError } from '../../../core/errors.ts'
import type { Place } from '../item.ts'
import type { RecordsAsked, RecordsPage } from '../records.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Parameter, Row, Segment } from '../store/database.ts'
import { withEnds } from './ends.ts'
import { askRecords, type Between, segmentsWithin } from './from-records.ts'
import { type Holding, hoursHolding, timeOf, timeWhere } from './hours.ts'
import { ITEM_COLUMNS } from './item-of-row.ts'
import { recordsWhere, type Where } from './where.ts'

export const MOST_ITEMS = 500

/** @throws KerbsideError `bad-request` */
export function checkLimit(limit: number, most = MOST_ITEMS): void {
  if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= most))
    throw new KerbsideError('bad-request', `${limit} is not a number from 1 to ${most}`)
}

export async function recordsPage(
  asking: Asking,
  { filter, after, before, limit, without }: RecordsAsked,
  { scope, now }: { readonly scope: Scope; readonly now: number },
): Promise<RecordsPage> {
  checkLimit(limit)
  const where = recordsWhere(filter, scope, { now })
  const place = after ?? before
  const isBackwards = after === undefined && before !== undefined
  const parameters: Record<string, Parameter> = { ...where.parameters, most: limit + 1 }
  if (place !== undefined)
    Object.assign(parameters, { at_ms: place.at, at_chain: place.sidecar, at_number: place.sequence })
  const [sign, order] = isBackwards ? ['>', 'ASC'] : ['<', 'DESC']
  const beyond = `(time ${sign} ${AT} OR (time = ${AT} AND (sidecar ${sign} $at_chain
    OR (sidecar = $at_chain AND sequence ${sign} $at_number::BIGINT))))`
  const whole = [
    await timeOf(asking, { filter, scope, now }),
    place === undefined ? {} : isBackwards ? { from: place.at } : { until: place.at + 1 },
  ].reduce(both)
  const placesWithin = (within: Between) => {
    const statement = `SELECT sidecar, sequence::DOUBLE AS sequence, epoch_ms(time)::DOUBLE AS ms FROM RECORDS
    WHERE ${where.sql} AND ${timeWhere(within)} ${place === undefined ? '' : `AND ${beyond}`}
    ORDER BY time ${order}, sidecar ${order}, sequence ${order} LIMIT $most::BIGINT`
    const queue = segmentsWithin(asking.segments, within).filter(({ file }) => without?.has(file) !== true)
    return search(queue, { isBackwards, limit: limit + 1 }, (some, withTail) =>
      askRecords(asking, statement, { segments: some, parameters, withTail }),
    )
  }
  const held = await hoursHolding(asking, { filter, scope, isBackwards, limit: limit + 1, within: whole })
  let found = await placesWithin(held.within)
  // Counted, and not to be read any more: the list goes on beyond it.
  if (found.length <= limit && !held.isEvery) found = await placesWithin(whole)
  const rows = await wholeRows(asking, where, found.slice(0, limit))
  const items = await withEnds(asking, isBackwards ? rows.toReversed() : rows)
  const [newest, oldest] = [items[0], items.at(-1)]
  const hasOlder = isBackwards ? items.length > 0 : found.length > limit
  const hasNewer = isBackwards ? found.length > limit : after !== undefined && items.length > 0
  return {
    items,
    ...(hasOlder && oldest !== undefined ? { older: placeOf(oldest) } : {}),
    ...(hasNewer && newest !== undefined ? { newer: placeOf(newest) } : {}),
  }
}

/** The rows of these places: the many columns are read of them alone. */
async function wholeRows(asking: Asking, where: Where, places: readonly Row[]): Promise<readonly Row[]> {
  if (places.length === 0) return []
  const times = places.map(({ ms }) => Number(ms))
  const within: Between = { from: Math.min(...times), until: Math.max(...times) + 1 }
  const parameters: Record<string, Parameter> = { ...where.parameters }
  const chains = [...new Set(places.map(({ sidecar }) => String(sidecar)))].map((sidecar, index) => {
    parameters[`chain_${index}`] = sidecar
    return `$chain_${index}`
  })
  const numbers = [...new Set(places.map(({ sequence }) => Number(sequence)))].map((sequence, index) => {
    parameters[`number_${index}`] = sequence
    return `$number_${index}::BIGINT`
  })
  const rows = await askRecords(
    asking,
    `SELECT ${ITEM_COLUMNS} FROM RECORDS WHERE ${timeWhere(within)} AND ${where.sql}
      AND sidecar IN (${chains.join(', ')}) AND sequence IN (${numbers.join(', ')})`,
    { segments: segmentsWithin(asking.segments, within), parameters },
  )
  const keyOf = ({ sidecar, sequence }: Row): string => `${String(sidecar)}.${Number(sequence)}`
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return places.map((place) => byKey.get(keyOf(place))).filter((row) => row !== undefined)
}

const AT = 'make_timestamptz($at_ms::BIGINT * 1000)'
const placeOf = ({ at, sidecar, sequence }: Place): Place => ({ at, sidecar, sequence })

/** What is in the one and in the other. */
function both(one: Between, other: Between): Between {
  const [from, until] = [one.from ?? other.from, one.until ?? other.until]
  return {
    from: from === undefined ? undefined : Math.max(from, other.from ?? from),
    until: until === undefined ? undefined : Math.min(until, other.until ?? until),
  }
}

/** Files at first; then so many times more. */
const FIRST_FILES = 2
const GROWTH = 4

/**
 * The first rows in the order that is asked for. Files whose records all come later in that order are not looked at, so the
 * newest page of a hundred million records reads the newest files, and a filter that matches nothing reads all.
 */
async function search(
  segments: readonly Segment[],
  { isBackwards, limit }: Pick<Holding, 'isBackwards' | 'limit'>,
  askSome: (segments: readonly Segment[], withTail: boolean) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const queue = segments.toSorted((one, other) =>
    isBackwards ? one.firstAt - other.firstAt : other.lastAt - one.lastAt,
  )
  const isAfter = (one: Row, other: Row): number => (isBackwards ? 1 : -1) * compare(one, other)
  let rows = await askSome(queue.slice(0, FIRST_FILES), true)
  let [from, size] = [FIRST_FILES, FIRST_FILES * GROWTH]
  while (from < queue.length) {
    const next = queue[from]
    const last = rows[limit - 1]
    const isDone =
      last !== undefined &&
      next !== undefined &&
      (isBackwards ? next.firstAt > Number(last['ms']) : next.lastAt < Number(last['ms']))
    if (isDone) return rows
    const more = await askSome(queue.slice(from, from + size), false)
    rows = [...rows, ...more].toSorted(isAfter).slice(0, limit)
    from += size
    size *= GROWTH
  }
  return rows
}

/** As the database orders them: by bytes, which for names of chains is by letters. */
function compare(one: Row, other: Row): number {
  const byTime = Number(one['ms']) - Number(other['ms'])
  if (byTime !== 0) return byTime
  const [chain, otherChain] = [String(one['sidecar']), String(other['sidecar'])]
  if (chain !== otherChain) return chain < otherChain ? -1 : 1
  return Number(one['sequence']) - Number(other['sequence'])
}
