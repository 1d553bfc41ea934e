/** How many records of which kind match, to choose from. */
import type { Facet } from '../../../core/audit/record-filter.ts'
import { FACETS } from '../../../core/audit/record-filter.ts'
import type { Facets, FacetsAsked, FacetValue } from '../records.ts'
import type { Scope } from '../scope.ts'
import { isLookedThrough } from '../search.ts'
import type { Asking } from '../store/database.ts'
import { type CountsAsked, counts, countsOfAll } from './counts.ts'
import { checkLimit } from './records.ts'

const MOST_VALUES = 200

/** @throws KerbsideError `bad-request` */
export async function facets(
  asking: Asking,
  { filter, values }: FacetsAsked,
  { scope, now }: { readonly scope: Scope; readonly now: number },
): Promise<Facets> {
  checkLimit(values, MOST_VALUES)
  const { of, total, without } = isLookedThrough(filter)
    ? await countedAtOnce(asking, { filter, scope, now })
    : await countedApart(asking, { filter, scope, now })
  const cut: Facet[] = []
  const listed: { [facet in Facet]?: readonly FacetValue[] } = {}
  for (const facet of FACETS) {
    const all = [...(of.get(facet) ?? [])].map(
      ([value, count]): FacetValue => ({ value, count, isChosen: filter[facet]?.includes(value) === true }),
    )
    for (const value of filter[facet] ?? [])
      if (!all.some((one) => one.value === value)) all.push({ value, count: 0, isChosen: true })
    all.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    if (all.length > values) cut.push(facet)
    listed[facet] = all.filter(({ isChosen }, index) => index < values || isChosen)
  }
  return { total, of: listed as Facets['of'], cut, ...(without === undefined ? {} : { without }) }
}

type Counted = {
  readonly of: ReadonlyMap<Facet, Map<string, number>>
  readonly total: number
  readonly without?: Facets['without']
}
type Around = Pick<CountsAsked, 'filter' | 'scope' | 'now'>

async function countedAtOnce(asking: Asking, around: Around): Promise<Counted> {
  const rows = await countsOfAll(asking, around)
  const of = (facet: string) =>
    new Map(
      rows
        .filter((row) => row['facet'] === facet)
        .map(({ value, records }) => [String(value), Number(records)] as const),
    )
  const files = of('file')
  return {
    of: new Map(FACETS.map((facet) => [facet, of(facet)])),
    total: [...files.values()].reduce((sum, records) => sum + records, 0),
    without: new Set(asking.segments.map(({ file }) => file).filter((file) => !files.has(file))),
  }
}

/** Those that are not chosen from share one count; each other one is counted as if nothing were chosen from it. */
async function countedApart(asking: Asking, { filter, scope, now }: Around): Promise<Counted> {
  const chosen = FACETS.filter((facet) => filter[facet] !== undefined)
  const shared = FACETS.filter((facet) => !chosen.includes(facet) && facet !== 'job' && facet !== 'kind')
  const of = new Map<Facet, Map<string, number>>(FACETS.map((facet) => [facet, new Map()]))
  let total = 0
  for (const row of await counts(asking, { filter, scope, now, by: shared })) {
    total += Number(row['records'])
    for (const facet of shared) add(of.get(facet), String(row[facet]), Number(row['records']))
  }
  // Of kinds the ends are hidden, unless they are asked for; they are counted all the same.
  for (const facet of new Set<Facet>([...chosen, 'job', 'kind']))
    for (const row of await counts(asking, { filter, scope, now, besides: facet, by: [facet] }))
      add(of.get(facet), String(row[facet]), Number(row['records']))
  return { of, total }
}

function add(counted: Map<string, number> | undefined, value: string, records: number): void {
  counted?.set(value, (counted.get(value) ?? 0) + records)
}
