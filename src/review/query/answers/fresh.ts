/** What has come in since the last look: by arrival, so that a record that was delivered late is not missed. */
import type { Fresh, FreshAsked } from '../records.ts'
import type { Scope } from '../scope.ts'
import type { Asking } from '../store/database.ts'
import { withEnds } from './ends.ts'
import { ITEM_COLUMNS } from './item-of-row.ts'
import { checkLimit } from './records.ts'
import { recordsWhere } from './where.ts'

export async function fresh(
  asking: Asking,
  { filter, since, limit }: FreshAsked,
  { scope, now }: { readonly scope: Scope; readonly now: number },
): Promise<Fresh> {
  checkLimit(limit)
  const [arrived] = await asking.ask('SELECT coalesce(max(batch), 0)::DOUBLE AS newest FROM arrivals')
  const cursor = Number(arrived?.['newest'])
  if (since === undefined || since >= cursor) return { items: [], cursor, isCut: false }
  const where = recordsWhere(filter, scope, { now })
  const rows = await asking.ask(
    `SELECT ${ITEM_COLUMNS} FROM tail WHERE batch > $since::BIGINT AND ${where.sql}
      ORDER BY batch DESC, time DESC, sidecar DESC, sequence DESC LIMIT $most::BIGINT`,
    { ...where.parameters, since, most: limit + 1 },
  )
  const items = await withEnds(asking, rows.slice(0, limit).toReversed())
  return { items, cursor, isCut: rows.length > limit }
}
