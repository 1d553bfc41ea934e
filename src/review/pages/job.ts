/** Everything that one job touched: datasets first, then the timeline. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import { type Place, writePlace } from '../query/item.ts'
import type { Job, JobAsked, TouchedDataset } from '../query/job.ts'
import { bytes, counted, foreign, moment, number, tally } from '../words.ts'
import { itemsTable } from './items.ts'

export type JobShown = { readonly job: Job; readonly asked: JobAsked; readonly links: Links }

export function jobBody({ job, asked, links }: JobShown): Html {
  return html`<dl class="figures">
<div><dt>Operations</dt><dd><b>${number(job.operations)}</b> <span class="sub">${counted(job.denied, 'denied', 'denied')}</span></dd></div>
<div><dt>Read</dt><dd><b>${bytes(job.bytesRead)}</b> <span class="sub">${bytes(job.bytesWritten)} written</span></dd></div>
<div><dt>From</dt><dd><b>${moment(job.first)}</b> <span class="sub">to ${moment(job.last)}</span></dd></div>
<div><dt>As</dt><dd><b>${foreign(job.identities.join(', '), 200)}</b> <span class="sub">team ${foreign(job.teams.join(', '), 120)}, ${counted(job.pods.length, 'pod')}</span></dd></div>
</dl>
<section aria-labelledby="touched"><h2 id="touched">What it touched</h2><table class="list"><thead><tr><th scope="col">Dataset</th><th scope="col">Operations</th><th scope="col" class="num">Denied</th><th scope="col" class="num">Read</th><th scope="col" class="num">Written</th><th scope="col">From, to</th></tr></thead>
<tbody>${job.datasets.map((touched) => datasetRow(touched, links))}</tbody></table></section>
<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>${itemsTable(job.timeline, links)}
${job.older !== undefined && html`<nav class="onward" aria-label="Further records"><a class="button older" href="${olderLink(asked, job.older, links)}">Older</a></nav>`}</section>`
}

const datasetRow = (
  { dataset, operations, denied, bytesRead, bytesWritten, first, last }: TouchedDataset,
  links: Links,
): Html =>
  html`<tr${denied > 0 && html` class="deny"`}><td>${dataset === '' ? html`<span class="sub">in no dataset</span>` : html`<a href="${links.dataset(dataset)}">${foreign(dataset, 100)}</a>`}</td>
<td>${tally(operations.slice(0, 6))}</td><td class="num" data-of="Denied">${number(denied)}</td><td class="num" data-of="Read">${bytes(bytesRead)}</td><td class="num" data-of="Written">${bytes(bytesWritten)}</td><td class="when">${moment(first)}<br>${moment(last)}</td></tr>`

const olderLink = ({ namespace, kind, name }: JobAsked, after: Place, links: Links): string =>
  links.page('/job', [
    ['namespace', namespace],
    ['kind', kind],
    ['name', name],
    ['after', writePlace(after)],
  ])
