/** Links between pages: what is looked at stands in them whole, and the team that is looked at goes along. */
import type { Owner } from '../core/audit/record.ts'
import type { RecordFilter } from '../core/audit/record-filter.ts'
import { writeFilter } from '../core/audit/record-filter.ts'
import type { Viewer } from './guard.ts'
import type { Place } from './query/item.ts'
import { writePlace } from './query/item.ts'

type InChain = Pick<Place, 'sidecar' | 'sequence'>
type Pairs = readonly (readonly [name: string, value: string])[]

export type Links = {
  page(path: string, pairs?: Pairs): string
  records(
    filter: RecordFilter,
    more?: { readonly after?: Place | undefined; readonly before?: Place | undefined },
  ): string
  record(of: InChain): string
  denial(of: InChain): string
  job(namespace: string, owner: Owner): string
  dataset(name: string): string
}

export function linksFor({ scope }: Viewer): Links {
  const team: Pairs = scope.of === 'all' ? [] : [['of', scope.team]]
  const page = (path: string, pairs: Pairs = []): string => {
    const query = new URLSearchParams([...pairs, ...team].map(([name, value]): [string, string] => [name, value]))
    return query.size === 0 ? path : `${path}?${query}`
  }
  const place = (name: string, of: Place | undefined): Pairs => (of === undefined ? [] : [[name, writePlace(of)]])
  return {
    page,
    records: (filter, { after, before } = {}) =>
      page('/records', [...writeFilter(filter), ...place('after', after), ...place('before', before)]),
    record: ({ sidecar, sequence }) => page(`/record/${encodeURIComponent(sidecar)}/${sequence}`),
    denial: ({ sidecar, sequence }) => page(`/denial/${encodeURIComponent(sidecar)}/${sequence}`),
    job: (namespace, { kind, name }) =>
      page('/job', [
        ['namespace', namespace],
        ['kind', kind],
        ['name', name],
      ]),
    dataset: (name) => page('/dataset', [['name', name]]),
  }
}
