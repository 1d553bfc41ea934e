/** Everyone who touched a dataset, against everyone who may. */
import { actionWords } from '../../core/policy/access/words.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { DatasetAnswer, DatasetAsked, DatasetPerson, May } from '../query/dataset.ts'
import { bytes, foreign, grantText, moment, number, shortHash, tally } from '../words.ts'
import { nothing } from './states.ts'

export type DatasetShown = { readonly answer: DatasetAnswer; readonly asked: DatasetAsked; readonly links: Links }

export function datasetBody(shown: DatasetShown): Html {
  const { answer, asked } = shown
  const { today, people } = answer
  return html`${
    today === undefined
      ? html`<p class="notice">Today’s policy has no such dataset, or no policy is known here: who may is not shown.</p>`
      : html`<section aria-label="Definition"><dl class="fields">
<div><dt>Paths</dt><dd>${today.prefixes.map((prefix) => html`<div><code>${foreign(prefix, 400)}</code></div>`)}</dd></div>
<div><dt>Owner</dt><dd>${foreign(today.owner, 200)}</dd></div><div><dt>Cluster</dt><dd>${foreign(today.cluster, 200)}</dd></div>
<div><dt>Defined in</dt><dd><code>${foreign(today.at, 300)}</code> of ${shortHash(today.bundle)}</dd></div></dl></section>`
  }
<form class="filter" method="get" action="/dataset" aria-label="Time"><input type="hidden" name="name" value="${asked.dataset}">
<label>Since (UTC) <input type="search" name="from" value="${asked.from === undefined ? '' : new Date(asked.from).toISOString().slice(0, 10)}" placeholder="2027-03-01" autocomplete="off"></label><button>Show</button></form>
<section aria-labelledby="people"><h2 id="people">Who touched it, and who may</h2>${people.length === 0 ? nothing(today === undefined ? 'Nobody touched it.' : 'Nobody touched it, and nobody may.') : table(shown)}</section>`
}

const table = ({ answer: { people }, asked, links }: DatasetShown): Html =>
  html`<table class="list"><thead><tr><th scope="col">Team and identity</th><th scope="col">Touched</th><th scope="col" class="num">Denied</th><th scope="col" class="num">Read</th><th scope="col" class="num">Written</th><th scope="col">First, last</th><th scope="col">May, by today’s policy</th></tr></thead>
<tbody>${people.map((person) => personRow(person, asked, links))}</tbody></table>`

function personRow(
  { team, identity, touched, may }: DatasetPerson,
  { dataset, from, until }: DatasetAsked,
  links: Links,
): Html {
  const filter = {
    ...{ dataset: [dataset], team: [team], ...(identity === '' ? {} : { identity: [identity] }) },
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  }
  const isOver = touched !== undefined && may?.length === 0
  return html`<tr${isOver && html` class="deny"`}><td><div class="identity">${foreign(identity === '' ? 'every identity' : identity, 100)}</div><div class="sub">${foreign(team, 80)}</div></td>
${touched === undefined ? html`<td colspan="5"><span class="sub">did not</span></td>` : html`<td><a href="${links.records(filter)}">${number(touched.operations)}</a> <span class="sub">${tally(touched.names.slice(0, 4))}</span></td><td class="num" data-of="Denied">${number(touched.denied)}</td><td class="num" data-of="Read">${bytes(touched.bytesRead)}</td><td class="num" data-of="Written">${bytes(touched.bytesWritten)}</td><td class="when">${moment(touched.first)}<br>${moment(touched.last)}</td>`}
<td>${mayText(may)}</td></tr>`
}

function mayText(may: readonly May[] | undefined): Html {
  if (may === undefined) return html`<span class="sub">not known</span>`
  if (may.length === 0) return html`<span class="chip deny">Not any more</span>`
  const groups = Map.groupBy(may, ({ standing, when, isWhole, grants }) =>
    JSON.stringify([standing, when, isWhole, grants]),
  )
  return html`${[...groups.values()].map((group) => {
    const [first] = group
    if (first === undefined) return undefined
    return html`<div><b>${actionWords(group.map(({ action }) => action))}</b>${!first.isWhole && ' on part of it'} ${first.standing !== 'now' && html`<span class="sub">${first.standing === 'later' ? 'later' : 'in some pods'}</span>`} <span class="sub">${foreign(first.when === 'always' ? '' : first.when, 200)}</span>
<div class="grants">${first.grants.slice(0, 3).map((grant) => html`<div>${grantText(grant)}</div>`)}</div></div>`
  })}`
}
