/** The ends of operations that a page shows: looked for near them first, since most operations are short. */
import type { Item } from '../item.ts'
import type { Asking, Parameter, Row } from '../store/database.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { ITEM_COLUMNS, itemOf } from './item-of-row.ts'

/** An end that is later than this is looked for in everything that came since. */
const NEAR_MS = 3_600_000

/** The rows of starts and notes as items, operations with their ends, in the same order. */
export async function withEnds(asking: Asking, rows: readonly Row[]): Promise<readonly Item[]> {
  const starts = rows.filter(({ kind }) => kind === 'start')
  const first = Math.min(...starts.map(({ ms }) => Number(ms)))
  const last = Math.max(...starts.map(({ ms }) => Number(ms)))
  const near = segmentsWithin(asking.segments, { from: first, until: last + NEAR_MS })
  const ends = await endsOf(asking, starts, near, true)
  const missing = starts.filter((row) => !ends.has(keyOf(row)))
  const later = segmentsWithin(asking.segments, { from: first }).filter((segment) => !near.includes(segment))
  for (const [key, row] of await endsOf(asking, missing, later, false)) ends.set(key, row)
  return rows.map((row) => itemOf(row, row['kind'] === 'start' ? ends.get(keyOf(row)) : undefined))
}

async function endsOf(
  asking: Asking,
  starts: readonly Row[],
  segments: Asking['segments'],
  withTail: boolean,
): Promise<Map<string, Row>> {
  if (starts.length === 0 || (segments.length === 0 && !withTail)) return new Map()
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
    `SELECT ${ITEM_COLUMNS} FROM RECORDS
      WHERE kind = 'end' AND sequence > $first AND ${among('sidecar')} AND ${among('operation_id')}`,
    { segments, parameters, withTail },
  )
  return new Map(rows.map((row) => [keyOf(row), row]))
}

const keyOf = (row: Row): string => `${String(row['sidecar'])}\n${String(row['operation_id'])}`
