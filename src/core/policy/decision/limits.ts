/** How large what is written to a dataset may be. */

/** What is absent does not limit. */
export type Limits = {
  /** Bytes of a file, after a create or an append. */
  readonly fileBytes?: number
  readonly replication?: number
  readonly blockBytes?: number
}

/** The tighter of two, field by field: a dataset narrows what its cluster allows, and never widens it. */
export function tighter(one: Limits | undefined, other: Limits | undefined): Limits | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const fields = ['fileBytes', 'replication', 'blockBytes'] as const
  return Object.fromEntries(
    fields.flatMap((field) => {
      const known = [one[field], other[field]].filter((limit) => limit !== undefined)
      return known.length === 0 ? [] : [[field, Math.min(...known)]]
    }),
  )
}
