/** One record by its number, if the scope has it. */
import type { Item } from '../item.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Parameters } from '../store/database.ts'
import { withEnds } from './ends.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { timeOfNumbers, timeWhere } from './hours.ts'
import { ITEM_COLUMNS } from './item-of-row.ts'
import { scopeWhere } from './where.ts'

/** Of a chain, the records with these numbers, in their order. Ends are items of their own here. */
export async function itemsOf(
  asking: Asking,
  { sidecar, from, to }: { readonly sidecar: string; readonly from: number; readonly to: number },
  scope: Scope,
): Promise<readonly Item[]> {
  const within = await timeOfNumbers(asking, { sidecar, from, to })
  if (within === undefined) return []
  const own = scopeWhere(scope)
  const parameters: Parameters = { sidecar, low: from, high: to, ...own.parameters }
  const rows = await askRecords(
    asking,
    `SELECT ${ITEM_COLUMNS} FROM RECORDS
      WHERE sidecar = $sidecar AND sequence BETWEEN $low::BIGINT AND $high::BIGINT AND ${timeWhere(within)}
        AND ${own.sql} ORDER BY sequence`,
    { segments: segmentsWithin(asking.segments, within), parameters },
  )
  return rows.length === 0 ? [] : withEnds(asking, rows)
}
