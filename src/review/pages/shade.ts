/** How a row is marked: by what was decided, where something was. */
import type { Item } from '../query/item.ts'

export type Shade = 'allow' | 'deny' | 'unknown' | 'note'

export function shadeOf({ what, why }: Pick<Item, 'what' | 'why'>): Shade {
  if (what === undefined) return 'note'
  return why === undefined ? 'unknown' : why.effect
}
