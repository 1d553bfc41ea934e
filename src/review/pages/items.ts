/** The table of items, under a heading for each day: an operation with its end is one row. */

import type { ShadowWhy, What, Who } from '../../core/audit/record.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { Item } from '../query/item.ts'
import { bytes, day, duration, foreign, grantText, sentenceOf, timeOfDay } from '../words.ts'
import { type Shade, shadeOf } from './shade.ts'

const COLUMNS = ['Time (UTC)', 'Identity and pod', 'Operation', 'Decision', 'Transfer'] as const
/** A path in a list; its own page has all of it. */
const LONGEST_PATH = 240

export function itemsTable(items: readonly Item[], links: Links): Html {
  return html`<table class="rows" id="rows">
<caption class="unseen">Audit records. An operation is one row, whether it was allowed or denied.</caption>
<thead><tr>${COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
${byDay(items).map(
  ({ name, items: ofDay }) => html`<tbody>
<tr class="day"><th scope="rowgroup" colspan="${COLUMNS.length}">${name}</th></tr>
${ofDay.map((item) => itemRow(item, links))}</tbody>`,
)}
</table>`
}

function byDay(items: readonly Item[]): readonly { readonly name: string; readonly items: readonly Item[] }[] {
  const days: { name: string; items: Item[] }[] = []
  for (const item of items) {
    const name = day(timeOf(item))
    if (days.at(-1)?.name !== name) days.push({ name, items: [] })
    days.at(-1)?.items.push(item)
  }
  return days
}

const timeOf = ({ at }: Item): string => new Date(at).toISOString()

export function itemRow(item: Item, links: Links): Html {
  const shade = shadeOf(item)
  const { what } = item
  if (what === undefined) return noteRow(item, links)
  return html`<tr class="${shade}">
${timeAndWho(item, links)}
<td class="operation"><code class="verb">${foreign(what.operation, 64)}</code> <code class="path">${foreign(what.path, LONGEST_PATH)}</code>
${what.destination !== undefined && html`<div><span class="to">to</span> <code class="path">${foreign(what.destination, LONGEST_PATH)}</code></div>`}
<div class="sub">${about(what, links)}</div></td>
<td class="decision">${decision(item, shade, links)}</td>
<td class="transfer">${transfer(item, shade)}</td>
</tr>
`
}

function timeAndWho(item: Item, links: Links): Html {
  const { who } = item
  const time = timeOf(item)
  const [seconds, milliseconds] = timeOfDay(time).split('.')
  return html`<td class="time"><a href="${links.record(item)}"><time datetime="${time}">${seconds}<span class="ms">.${milliseconds}</span></time></a></td>
<td class="who"><div class="identity">${foreign(who.identity, 80)}</div><div class="sub">${foreign(who.team, 60)} ${podOf(who, links)}</div></td>`
}

function podOf({ namespace, pod, owner }: Who, links: Links): Html {
  if (namespace === '' && pod === '') return html``
  if (owner === undefined) return html`<span>${foreign(`${namespace}/${pod}`, 120)}</span>`
  return html`<a href="${links.job(namespace, owner)}">${foreign(`${namespace}/${owner.name}`, 120)}</a>`
}

const about = ({ dataset, client }: What, links: Links): Html =>
  html`${dataset !== undefined && html`<a href="${links.dataset(dataset)}">${foreign(dataset, 80)}</a> `}${client !== undefined && html`<span>${foreign(client, 80)}</span>`}`

function decision(item: Item, shade: Shade, links: Links): Html {
  const { why } = item
  if (why === undefined)
    return html`<span class="chip unknown">Unknown</span> <span class="reason">its start record is missing</span>`
  const isDenied = shade === 'deny'
  return html`<span class="chip ${shade}"><span aria-hidden="true">${isDenied ? '✕' : '✓'}</span> ${isDenied ? 'Denied' : 'Allowed'}</span>
<span class="reason">${sentenceOf(why.reason)}</span>
${why.grants.length > 0 && html`<div class="grants">${why.grants.slice(0, MOST_GRANTS).map((one) => html`<div>${grantText(one)}</div>`)}</div>`}
${isDenied && html`<a class="why" href="${links.denial(item)}">What would allow it</a>`}
${why.shadow !== undefined && inShadow(why.shadow)}`
}
const MOST_GRANTS = 4

/** What enforcing everything that is in shadow would change. */
export const inShadow = ({ effect, reason, grants }: ShadowWhy): Html =>
  html`<div class="shadowed"><span class="chip shadow">Would be ${effect === 'deny' ? 'denied' : 'allowed'}</span> <span class="reason">${sentenceOf(reason)}</span>
${grants.map((one) => html`<div class="grants">${grantText(one)}</div>`)}</div>`

export function transfer({ end }: Item, shade: Shade): Html {
  if (end === undefined) return shade === 'deny' ? html`` : html`<span class="sub">not ended</span>`
  const { status, bytesRead, bytesWritten, durationMs, cut, upload } = end
  const moved = [
    bytesRead > 0 && html`<div>${bytes(bytesRead)} <span class="sub">read</span></div>`,
    bytesWritten > 0 && html`<div>${bytes(bytesWritten)} <span class="sub">written</span></div>`,
  ]
  const outcomes = [
    status === 0 ? 'client gone' : status >= 400 && shade !== 'deny' ? `HTTP ${status}` : undefined,
    cut ? 'cut short' : undefined,
    upload === 'removed' ? 'upload removed' : upload === 'left' ? 'part of the upload left' : undefined,
  ].filter((outcome) => outcome !== undefined)
  return html`${shade !== 'deny' && moved}<div class="sub">${duration(durationMs)}</div>
${outcomes.map((outcome) => html`<div class="outcome">${outcome}</div>`)}`
}

export const KIND_NAMES = {
  start: 'Operation',
  end: 'End of an operation',
  open: 'Log opened',
  close: 'Log closed',
  credential: 'Credential',
  policy: 'Policy',
  admission: 'Admission',
  release: 'Secret',
  refusal: 'Refusal',
  gap: 'Gap',
  view: 'View',
} as const satisfies Record<Item['kind'], string>

function noteRow(item: Item, links: Links): Html {
  return html`<tr class="note">
${timeAndWho(item, links)}
<td class="operation" colspan="3"><span class="kind">${KIND_NAMES[item.kind]}</span> ${foreign(item.note ?? '', 300)}</td>
</tr>
`
}
