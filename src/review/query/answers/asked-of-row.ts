/** Recorded operations as policy takes them. */
import type { Asked } from '../../../core/audit/asked.ts'
import type { Item } from '../item.ts'
import type { Row } from '../store/database.ts'
import { itemOf } from './item-of-row.ts'

/** Nothing for what is no start of an operation. */
export function askedOf({ at, sidecar, sequence, who, what, why }: Item): Asked | undefined {
  return what === undefined || why === undefined ? undefined : { at, sidecar, sequence, who, what, why }
}

export const askedOfRows = (rows: readonly Row[]): readonly Asked[] => rows.flatMap((row) => askedOf(itemOf(row)) ?? [])
