/** How long to wait before trying again: doubling to a bound, the upper half of it by chance, so that pods do not ask together. */

export type BackOff = { readonly firstMs: number; readonly longestMs: number }

/** @param count failures so far, at least 1 @param jitter a number in [0, 1) */
export function backOffMs({ firstMs, longestMs }: BackOff, count: number, jitter: number): number {
  const longest = Math.min(firstMs * 2 ** (count - 1), longestMs)
  return longest / 2 + (longest / 2) * jitter
}
