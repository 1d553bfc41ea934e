/** Whose records an answer may speak of. Every question takes one, and the data layer holds to it: no page needs to. */

/**
 * `team`: only records that say this team, in rows, counts, values to choose from, neighbours and exports. Records without a
 * team, as of a broker, are for `all`.
 */
export type Scope = { readonly of: 'all' } | { readonly of: 'team'; readonly team: string }
