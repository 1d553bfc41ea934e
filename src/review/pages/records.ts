/** Records: searched by facets, each with its count, page by page. */

import { printable } from '../../core/audit/printable.ts'
import { FACETS, type Facet, type RecordFilter, writeFilter } from '../../core/audit/record-filter.ts'
import { formatInstant } from '../../core/instant.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import { EXPORT_FORMATS, type Facets, type FacetValue, type RecordsPage } from '../query/records.ts'
import { counted, foreign, number } from '../words.ts'
import { itemsTable, KIND_NAMES } from './items.ts'
import { empty } from './states.ts'

export type RecordsShown = {
  readonly filter: RecordFilter
  readonly page: RecordsPage
  readonly facets: Facets
  /** Whether these are the newest: then more may come while one looks. */
  readonly isNewest: boolean
  readonly links: Links
}

const FACET_NAMES = {
  decision: 'Decision',
  team: 'Team',
  identity: 'Identity',
  dataset: 'Dataset',
  operation: 'Operation',
  reason: 'Reason',
  namespace: 'Namespace',
  job: 'Job',
  kind: 'Kind of record',
} as const satisfies Record<Facet, string>

const PERIODS = [
  ['1h', 3_600_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['30d', 2_592_000_000],
] as const

export function recordsBody({ filter, page, facets, isNewest, links }: RecordsShown): Html {
  return html`<div class="search">
<div class="filters">
${form(filter, links)}
<input type="checkbox" id="show-facets" class="unseen"><label for="show-facets" class="button">Narrow down</label>
<nav class="facets" aria-label="Narrow down">${(Object.keys(FACET_NAMES) as Facet[]).map((facet) => facetOf(facet, facets, { filter, links }))}</nav>
</div>
<section class="found" aria-label="Records">
<p class="total"><b>${counted(facets.total, 'row')}</b> ${chosen(filter, links)} ${isNewest && html`<button type="button" class="plain" id="live" data-tail="${tailOf(filter, links)}" hidden>Show new ones as they come</button>`}</p>
${page.items.length > 0 ? itemsTable(page.items, links) : noRows(filter, links)}
${onward(filter, page, links)}
${facets.total > 0 && exports(filter, links)}
</section>
</div>`
}

/** What the filter holds besides facets; the facets that are chosen go along unseen. */
function form(filter: RecordFilter, links: Links): Html {
  const hidden = [
    ...writeFilter(filter).filter(([name]) => FACETS.some((facet) => facet === name) || name === 'sidecar'),
    ...teamOf(links),
  ]
  const last = writeFilter(filter).find(([name]) => name === 'last')?.[1] ?? ''
  const known: readonly string[] = PERIODS.map(([word]) => word)
  const field = (name: string, label: string, value: string | undefined, hint: string) =>
    html`<label>${label} <input type="search" name="${name}" value="${value ?? ''}" placeholder="${hint}" autocomplete="off" spellcheck="false"></label>`
  return html`<form class="filter" method="get" action="/records" role="search" aria-label="Records">
${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${field('path', 'Path and below', filter.path, '/data/market')}
${field('text', 'Piece of a path', filter.text, 'prices')}
<label>Back from now <select name="last"><option value="">any time</option>${[...new Set([...(last === '' ? [] : [last]), ...known])].map((word) => html`<option value="${word}"${word === last && html` selected`}>${word}</option>`)}</select></label>
${field('from', 'From (UTC)', filter.from === undefined ? undefined : formatInstant(filter.from), '2027-01-31T00:00Z')}
${field('until', 'Until (UTC)', filter.until === undefined ? undefined : formatInstant(filter.until), '2027-02-01T00:00Z')}
<button>Search</button>
</form>`
}

/** The team that is looked at is no filter, but stands in every link. */
const teamOf = (links: Links): [string, string][] => [...new URLSearchParams(links.page('/x').split('?')[1] ?? '')]

type At = { readonly filter: RecordFilter; readonly links: Links }

function facetOf(facet: Facet, { of, cut }: Facets, { filter, links }: At): Html {
  const values = of[facet].filter(({ value, count, isChosen }) => isChosen || (count > 0 && value !== ''))
  if (values.length === 0) return html``
  return html`<section class="facet"><h2>${FACET_NAMES[facet]}</h2><ul>${values.map((value) => facetValue(facet, value, { filter, links }))}</ul>
${cut.includes(facet) && html`<p class="sub">and more</p>`}</section>`
}

function facetValue(facet: Facet, { value, count, isChosen }: FacetValue, { filter, links }: At): Html {
  const target = links.records(toggled(filter, facet, value))
  return html`<li><a href="${target}"${isChosen && html` aria-current="true"`}><span class="value">${foreign(nameOf(facet, value), 60)}</span> <span class="count">${number(count)}</span></a></li>`
}

function nameOf(facet: Facet, value: string): string {
  if (facet === 'decision') return value === 'deny' ? 'Denied' : 'Allowed'
  return facet === 'kind' ? (new Map<string, string>(Object.entries(KIND_NAMES)).get(value) ?? value) : value
}

/** With the value where it was not, without it where it was. */
export function toggled(filter: RecordFilter, facet: Facet, value: string): RecordFilter {
  const { [facet]: held = [], ...others } = filter
  const next = held.includes(value) ? held.filter((one) => one !== value) : [...held, value].toSorted()
  return next.length === 0 ? others : { ...others, [facet]: next }
}

/** What is chosen, each with a way to let go of it. */
function chosen(filter: RecordFilter, links: Links): Html {
  const pairs = writeFilter(filter)
  if (pairs.length === 0) return html`<span class="sub">everything that is here</span>`
  return html`${pairs.map(([name, value], index) => {
    const without = pairs.filter((_, at) => at !== index)
    return html`<a class="token" href="${links.page('/records', without)}" aria-label="Without ${name} ${printable(value, 80)}"><span class="sub">${name}</span> ${foreign(value, 60)} <span aria-hidden="true">×</span></a> `
  })}${pairs.length > 1 && html`<a class="more" href="${links.page('/records')}">Clear all</a>`}`
}

const tailOf = (filter: RecordFilter, links: Links): string => links.page('/records/tail', writeFilter(filter))

function noRows(filter: RecordFilter, links: Links): Html {
  return Object.keys(filter).length === 0
    ? empty('No records yet', 'They appear here when a sidecar has written its first one.')
    : empty('Nothing matches', html`<a href="${links.page('/records')}">Show all records</a>.`)
}

function onward(filter: RecordFilter, { newer, older }: RecordsPage, links: Links): Html {
  if (newer === undefined && older === undefined) return html``
  return html`<nav class="onward" aria-label="Further records">
${newer !== undefined && html`<a class="button" href="${links.records(filter)}">Newest</a> <a class="button" href="${links.records(filter, { before: newer })}" rel="prev">Newer</a>`}
${older !== undefined && html`<a class="button older" href="${links.records(filter, { after: older })}" rel="next">Older</a>`}
</nav>`
}

const exports = (filter: RecordFilter, links: Links): Html =>
  html`<p class="exports">All of these rows as ${EXPORT_FORMATS.map((format, index) => html`${index > 0 && ', '}<a href="${links.page('/records/export', [['format', format], ...writeFilter(filter)])}" download>${format === 'parquet' ? 'Parquet' : format.toUpperCase()}</a>`)}</p>`
