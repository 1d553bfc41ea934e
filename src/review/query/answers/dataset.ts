/** Everyone who touched a dataset, against everyone who may by today's policy. */

import type { HdfsPath } from '../../../core/hdfs/path.ts'
import { parsePath } from '../../../core/hdfs/path.ts'
import { whoCan } from '../../../core/policy/access/who-can.ts'
import { ACTIONS } from '../../../core/policy/action.ts'
import type { Bundle, Dataset } from '../../../core/policy/bundle.ts'
import type { DatasetAnswer, DatasetAsked, DatasetPerson, May } from '../dataset.ts'
import { HOUR } from '../hour.ts'
import type { Scope } from '../scope.ts'
import type { Asking, Parameters, Row } from '../store/database.ts'
import { touched } from './job.ts'
import { scopeWhere } from './where.ts'

/** Whole hours: what was touched in the hour of `from` counts. */
export async function dataset(
  { ask }: Asking,
  { dataset: name, from, until }: DatasetAsked,
  around: { readonly scope: Scope; readonly now: number; readonly bundle: Bundle | undefined },
): Promise<DatasetAnswer> {
  const { scope, now, bundle } = around
  const own = scopeWhere(scope)
  const parameters: Parameters = {
    name,
    from: from === undefined ? 0 : Math.floor(from / HOUR) * HOUR,
    until: until ?? now + HOUR,
    ...own.parameters,
  }
  const rows = await ask(
    `SELECT team, identity, kind, operation, sum(records)::DOUBLE AS records,
      coalesce(sum(records) FILTER (effect = 'deny'), 0)::DOUBLE AS denied, sum(bytes_read)::DOUBLE AS bytes_read,
      sum(bytes_written)::DOUBLE AS bytes_written, min(first_at)::DOUBLE AS first, max(last_at)::DOUBLE AS last
    FROM per_hour WHERE dataset = $name AND kind IN ('start', 'end') AND hour >= $from::BIGINT AND hour < $until::BIGINT
      AND ${own.sql} GROUP BY ALL`,
    parameters,
  )
  const known = bundle?.datasets.get(name)
  const may = bundle === undefined || known === undefined ? undefined : mayOf(bundle, known, { scope, now })
  return {
    ...(bundle === undefined || known === undefined
      ? {}
      : {
          today: {
            cluster: known.cluster,
            owner: known.owner,
            prefixes: known.prefixes,
            at: known.at,
            bundle: bundle.hash,
          },
        }),
    people: together(rows, may),
  }
}

type ByPerson = ReadonlyMap<string, readonly May[]>
const keyOf = (team: string, identity: string): string => JSON.stringify([team, identity])

/** Of each action on everything below the prefixes. */
function mayOf(bundle: Bundle, dataset: Dataset, { scope, now }: { scope: Scope; now: number }): ByPerson {
  const found = new Map<string, May[]>()
  const teams = Map.groupBy(bundle.identities.values(), ({ team }) => team)
  for (const action of ACTIONS) {
    const byPerson = new Map<string, { may: May; prefixes: number }>()
    for (const path of placesOf(bundle, dataset))
      for (const who of whoCan(bundle, action, path, { at: now, scope: 'this', cluster: dataset.cluster })) {
        if (who.by === 'ancestor' || (scope.of === 'team' && who.team !== scope.team)) continue
        const identities =
          who.identity === undefined
            ? (teams.get(who.team) ?? []).filter(({ cluster }) => cluster === who.cluster).map(({ name }) => name)
            : [who.identity]
        for (const identity of identities) {
          const key = keyOf(who.team, identity)
          const grants = [...who.allows, ...who.denies].map((grant) => `${grant.name}@${grant.at}`)
          const may: May = { action, standing: who.standing, isWhole: false, when: who.when, grants }
          const before = byPerson.get(key)
          const prefixes = (before?.prefixes ?? 0) + (dataset.prefixes.includes(path) ? 1 : 0)
          byPerson.set(key, { may: before?.may ?? may, prefixes })
        }
      }
    for (const [key, { may, prefixes }] of byPerson) {
      const all = found.get(key) ?? []
      found.set(key, all)
      all.push({ ...may, isWhole: prefixes === dataset.prefixes.length })
    }
  }
  return found
}

/** Its prefixes first, then what is below them and granted by itself. */
function placesOf({ grants }: Bundle, { name, prefixes }: Dataset): readonly HdfsPath[] {
  const below = grants
    .filter(({ datasets }) => datasets.includes(name))
    .flatMap(({ paths }) => paths.flatMap((path) => prefixes.map((prefix) => parsePath(`${prefix}/${path}`))))
    .flatMap((parsed) => ('path' in parsed ? [parsed.path] : []))
  return [...new Set([...prefixes, ...below])]
}

function together(rows: readonly Row[], may: ByPerson | undefined): readonly DatasetPerson[] {
  const byPerson = Map.groupBy(rows, (row) => keyOf(String(row['team']), String(row['identity'])))
  const people = [...byPerson].map(([key, of]): DatasetPerson => {
    const { operations: names, ...sums } = touched(of)
    const operations = names.reduce((all, { count }) => all + count, 0)
    return {
      ...personOf(key),
      touched: { operations, names, ...sums },
      ...(may === undefined ? {} : { may: may.get(key) ?? [] }),
    }
  })
  const silent = [...(may ?? [])].filter(([key]) => !byPerson.has(key))
  const order = ({ touched: did, team, identity }: DatasetPerson) => [-(did?.operations ?? 0), team, identity] as const
  return [...people, ...silent.map(([key, mine]): DatasetPerson => ({ ...personOf(key), may: mine }))].toSorted(
    (a, b) => {
      const [one, other] = [order(a), order(b)]
      return one[0] - other[0] || (`${one[1]}\n${one[2]}` < `${other[1]}\n${other[2]}` ? -1 : 1)
    },
  )
}

function personOf(key: string): Pick<DatasetPerson, 'team' | 'identity'> {
  const [team = '', identity = ''] = JSON.parse(key) as readonly string[]
  return { team, identity }
}
