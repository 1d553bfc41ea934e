/** Everything that one job touched, whichever of its pods did. */
import type { Job, JobAsked, TouchedDataset } from '../job.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Parameters, Row } from '../store/database.ts'
import { askRecords, segmentsWithin } from './from-records.ts'
import { timeWhere } from './hours.ts'
import { recordsPage } from './records.ts'
import { scopeWhere } from './where.ts'

export async function job(
  asking: Asking,
  { kind, name, namespace, after, limit }: JobAsked,
  { scope, now }: { readonly scope: Scope; readonly now: number },
): Promise<Job | undefined> {
  const own = scopeWhere(scope)
  const parameters: Parameters = { kind, name, namespace, ...own.parameters }
  const is = `owner_kind = $kind AND owner_name = $name AND namespace = $namespace AND ${own.sql}`
  const [known] = await asking.ask(
    `SELECT min(first_at)::DOUBLE AS first, max(last_at)::DOUBLE AS last FROM jobs WHERE ${is} HAVING count(*) > 0`,
    parameters,
  )
  if (known === undefined) return undefined
  const [first, last] = [Number(known['first']), Number(known['last'])]
  const within = { from: first, until: last + 1 }
  const segments = segmentsWithin(asking.segments, within)
  const then = `${is} AND ${timeWhere(within)}`
  const rows = await askRecords(
    asking,
    `SELECT coalesce(dataset, '') AS dataset, operation, kind,
      count(*)::DOUBLE AS records, (count(*) FILTER (effect = 'deny'))::DOUBLE AS denied,
      coalesce(sum(bytes_read), 0)::DOUBLE AS bytes_read, coalesce(sum(bytes_written), 0)::DOUBLE AS bytes_written,
      min(epoch_ms(time))::DOUBLE AS first, max(epoch_ms(time))::DOUBLE AS last
    FROM RECORDS WHERE ${then} AND kind IN ('start', 'end') GROUP BY ALL`,
    { segments, parameters },
  )
  const [names] = await askRecords(
    asking,
    `SELECT list_sort(list(DISTINCT team)) AS teams, list_sort(list(DISTINCT identity)) AS identities,
      list_sort(list(DISTINCT pod)) AS pods FROM RECORDS WHERE ${then}`,
    { segments, parameters },
  )
  const filter = { job: [`${kind}/${name}`], namespace: [namespace], ...within }
  const page = await recordsPage(asking, { filter, limit, ...(after === undefined ? {} : { after }) }, { scope, now })
  const sum = (column: string, some: readonly Row[]) => some.reduce((all, row) => all + Number(row[column]), 0)
  const starts = rows.filter((row) => row['kind'] === 'start')
  return {
    first,
    last,
    teams: (names?.['teams'] ?? []) as readonly string[],
    identities: (names?.['identities'] ?? []) as readonly string[],
    pods: (names?.['pods'] ?? []) as readonly string[],
    operations: sum('records', starts),
    denied: sum('denied', starts),
    bytesRead: sum('bytes_read', rows),
    bytesWritten: sum('bytes_written', rows),
    datasets: [...Map.groupBy(rows, (row) => String(row['dataset']))]
      .map(([dataset, of]): TouchedDataset => ({ dataset, ...touched(of) }))
      .toSorted(
        (one, other) =>
          other.bytesRead + other.bytesWritten - one.bytesRead - one.bytesWritten ||
          (one.dataset < other.dataset ? -1 : 1),
      ),
    timeline: page.items,
    ...(page.older === undefined ? {} : { older: page.older }),
  }
}

/** Rows by kind and operation, as one. */
export function touched(rows: readonly Row[]): Omit<TouchedDataset, 'dataset'> {
  const sum = (column: string) => rows.reduce((all, row) => all + Number(row[column]), 0)
  const starts = rows.filter((row) => row['kind'] === 'start')
  const byName = Map.groupBy(starts, (row) => String(row['operation']))
  return {
    operations: [...byName]
      .map(([operation, of]) => ({ operation, count: of.reduce((all, row) => all + Number(row['records']), 0) }))
      .toSorted((one, other) => other.count - one.count || (one.operation < other.operation ? -1 : 1)),
    denied: sum('denied'),
    bytesRead: sum('bytes_read'),
    bytesWritten: sum('bytes_written'),
    first: Math.min(...rows.map((row) => Number(row['first']))),
    last: Math.max(...rows.map((row) => Number(row['last']))),
  }
}
