/** Where the values of a document stand, kept small: there may be a million of them. */

/**
 * Offset of a scalar; of a list, its own and a spot for each item; of a mapping, its own and for each field, in the order
 * of `Object.keys`, the offset of the key and the spot of the value.
 */
export type Spot = number | readonly Spot[]

/** Offset of the value at a path or of its key; of what is not there, that of the key it would stand under. */
export function offsetIn(root: unknown, spots: Spot, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let value = root
  let spot = spots
  let offset = startOf(spots)
  for (const [depth, step] of path.entries()) {
    if (typeof spot === 'number' || typeof value !== 'object' || value === null) return offset
    if (Array.isArray(value)) {
      const index = Number(step)
      const item = index < 0 ? undefined : spot[1 + index]
      if (item === undefined) return offset
      offset = startOf(item)
      spot = item
      value = value[index]
    } else {
      const index = Object.keys(value).indexOf(String(step))
      const inner = index < 0 ? undefined : spot[2 + 2 * index]
      if (inner === undefined) return offset
      const isLast = depth === path.length - 1
      offset = startOf(isLast && part === 'value' ? inner : (spot[1 + 2 * index] ?? 0))
      spot = inner
      value = Object.values(value)[index]
    }
  }
  return offset
}

const startOf = (spot: Spot): number => (typeof spot === 'number' ? spot : startOf(spot[0] ?? 0))
