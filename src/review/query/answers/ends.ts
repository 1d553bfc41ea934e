/** The ends of operations that a page shows: looked for near them first, since most operations are short, and then as long as their chains went on. */
import type { Item } from '../item.ts'
import type { Asking, Parameter, Row } from '../store/database.ts'
import { askRecords, type Between, segmentsWithin } from './from-records.ts'
import { endOfChains, timeWhere } from './hours.ts'
import { END_COLUMNS, itemOf } from './item-of-row.ts'

/** An end that is later than this is looked for in everything that came since. */
const NEAR_MS = 3_600_000
/** A clock may be set back between the two. */
const SET_BACK_MS = 60_000

/** The rows of starts and notes as items, operations with their ends, in the same order. */
export async function withEnds(asking: Asking, rows: readonly Row[]): Promise<readonly Item[]> {
  const starts = rows.filter(({ kind }) => kind === 'start')
  const first = Math.min(...starts.map(({ ms }) => Number(ms)))
  const last = Math.max(...starts.map(({ ms }) => Number(ms)))
  const near = { from: first - SET_BACK_MS, until: last + NEAR_MS }
  const ends = await endsOf(asking, starts, near)
  const missing = starts.filter((row) => !ends.has(keyOf(row)))
  const over = missing.length === 0 ? undefined : await endOfChains(asking, chainsOf(missing))
  if (over !== undefined && over > near.until)
    for (const [key, row] of await endsOf(asking, missing, { from: near.until, until: over })) ends.set(key, row)
  return rows.map((row) => itemOf(row, row['kind'] === 'start' ? ends.get(keyOf(row)) : undefined))
}

async function endsOf(asking: Asking, starts: readonly Row[], within: Between): Promise<Map<string, Row>> {
  if (starts.length === 0) return new Map()
  const parameters: Record<string, Parameter> = { first: Math.min(...starts.map(({ sequence }) => Number(sequence))) }
  const among = (column: string): string => {
    const values = [...new Set(starts.map((row) => String(row[column])))]
    const names = values.map((value, index) => {
      parameters[`${column}_${index}`] = value
      return `$${column}_${index}`
    })
    return `${column} IN (${names.join(', ')})`
  }
  const rows = await askRecords(
    asking,
    `SELECT ${END_COLUMNS} FROM RECORDS
      WHERE kind = 'end' AND ${timeWhere(within)} AND sequence > $first AND ${among('sidecar')} AND ${among('operation_id')}`,
    { segments: segmentsWithin(asking.segments, within), parameters },
  )
  return new Map(rows.map((row) => [keyOf(row), row]))
}

const chainsOf = (rows: readonly Row[]): readonly string[] => [...new Set(rows.map(({ sidecar }) => String(sidecar)))]
const keyOf = (row: Row): string => `${String(row['sidecar'])}\n${String(row['operation_id'])}`
