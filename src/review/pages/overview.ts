/** What a reviewer looks at first on a Monday. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { Denial } from '../query/denial.ts'
import type { CredentialTrouble, DeniedGroup, FirstSeen, Overview } from '../query/overview.ts'
import { bytes, counted, foreign, moment, number, sentenceOf } from '../words.ts'
import { chart } from './chart.ts'
import { fixLine } from './fixes.ts'
import type { Verdict } from './health.ts'
import { logHealth } from './health.ts'
import { empty, nothing } from './states.ts'

export const PERIODS = [
  ['24h', 'Day', 86_400_000],
  ['7d', 'Week', 604_800_000],
  ['30d', '30 days', 2_592_000_000],
] as const

export type OverviewShown = {
  readonly overview: Overview
  /** Of the first groups of denials, in their order: what would allow each. */
  readonly fixes: readonly (Denial | undefined)[]
  readonly verdict: Verdict | undefined
  readonly mayVerify: boolean
  readonly links: Links
}

export const periodChoice = (chosen: number, links: Links): Html =>
  html`<nav class="choice" aria-label="Period">${PERIODS.map(
    ([word, name, ms]) =>
      html`<a href="${links.page('/', [['last', word]])}"${ms === chosen && html` aria-current="true"`}>${name}</a>`,
  )}</nav>`

export function overviewBody({ overview, fixes, verdict, mayVerify, links }: OverviewShown): Html {
  const { totals, log } = overview
  const health = logHealth({ log, verdict, mayVerify, links })
  if (log.intake.records === 0 && totals.allowed + totals.denied === 0)
    return html`${health}${empty('No records yet', 'They appear here when a sidecar has written its first one. Reload to look again.')}`
  return html`${health}
${figures(overview, links)}
<section aria-labelledby="over-time"><h2 id="over-time">Allowed and denied over time</h2>${chart(overview, links)}</section>
<section aria-labelledby="denials"><h2 id="denials">Most frequent denials</h2>${denials(overview, fixes, links)}</section>
<div class="pair">
<section aria-labelledby="first"><h2 id="first">For the first time</h2><p class="sub">A team with a dataset that it never touched before.</p>${firstSeen(overview.firstSeen, links)}</section>
<section aria-labelledby="credentials"><h2 id="credentials">Credentials in trouble</h2><p class="sub">Whose newest word is not a good one.</p>${credentials(overview.credentials, links)}</section>
</div>`
}

function figures({ totals, before, from, until }: Overview, links: Links): Html {
  const within = { from, until }
  return html`<dl class="figures">
${figure('Allowed', number(totals.allowed), change(totals.allowed, before.allowed), links.records({ decision: ['allow'], ...within }))}
${figure('Denied', number(totals.denied), change(totals.denied, before.denied), links.records({ decision: ['deny'], ...within }))}
${figure('Read', bytes(totals.bytesRead), `${bytes(totals.bytesWritten)} written`)}
${figure('Identities', number(totals.identities), `on ${counted(totals.datasets, 'dataset')}`)}
${totals.shadowDenied > 0 && figure('Denied if enforced', number(totals.shadowDenied), 'by what is in shadow')}
</dl>`
}

const figure = (name: string, value: string, beside: string, link?: string): Html =>
  html`<div><dt>${name}</dt><dd><b>${link === undefined ? value : html`<a href="${link}">${value}</a>`}</b> <span class="sub">${beside}</span></dd></div>`

function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? 'none before either' : 'none in the time before'
  const share = Math.round(((now - before) / before) * 100)
  if (share === 0) return 'as in the time before'
  return share > 999
    ? 'more than ten times the time before'
    : `${share > 0 ? '+' : '−'}${Math.abs(share)} % to the time before`
}

function denials({ denials, from, until }: Overview, fixes: OverviewShown['fixes'], links: Links): Html {
  if (denials.length === 0) return nothing('Nothing was denied.')
  return html`<table class="list"><thead><tr><th scope="col" class="num">Times</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Why, and what would allow it</th><th scope="col">Last</th></tr></thead>
<tbody>${denials.map((group, index) => deniedRow(group, fixes[index], { from, until, links }))}</tbody></table>`
}

type Within = { readonly from: number; readonly until: number; readonly links: Links }

function deniedRow(group: DeniedGroup, denial: Denial | undefined, { from, until, links }: Within): Html {
  const { team, identity, operation, dataset, reason, count, last, place } = group
  const filter = {
    ...{ decision: ['deny'], reason: [reason], operation: [operation], from, until },
    ...(team === '' ? {} : { team: [team] }),
    ...(identity === '' ? {} : { identity: [identity] }),
    ...(dataset === '' ? {} : { dataset: [dataset] }),
  }
  return html`<tr class="deny"><td class="num" data-of="Times"><a href="${links.records(filter)}" aria-label="${number(count)} denials">${number(count)}</a></td>
<td><div class="identity">${foreign(identity, 80)}</div><div class="sub">${foreign(team, 60)}</div></td>
<td><code>${foreign(operation, 64)}</code> <span class="sub">${dataset === '' ? 'in no dataset' : html`in <a href="${links.dataset(dataset)}">${foreign(dataset, 80)}</a>`}</span></td>
<td>${sentenceOf(reason)}<div class="fix">${fixLine(denial, links.denial(place))}</div></td>
<td class="when">${moment(last)}</td></tr>`
}

function firstSeen(list: readonly FirstSeen[], links: Links): Html {
  if (list.length === 0) return nothing('Nothing new: every team stayed with what it knew.')
  return html`<table class="list"><thead><tr><th scope="col">Team</th><th scope="col">Dataset</th><th scope="col">First</th><th scope="col" class="num">Since</th></tr></thead>
<tbody>${list.map(
    ({ team, dataset, at, place, effect, operations }) => html`<tr class="${effect}"><td>${foreign(team, 60)}</td>
<td><a href="${links.dataset(dataset)}">${foreign(dataset, 80)}</a> ${effect === 'deny' && html`<span class="chip deny">Denied</span>`}</td>
<td class="when"><a href="${links.record(place)}">${moment(at)}</a></td><td class="num" data-of="Operations since">${number(operations)}</td></tr>`,
  )}</tbody></table>`
}

function credentials(list: readonly CredentialTrouble[], links: Links): Html {
  if (list.length === 0) return nothing('None: every credential that was heard of is well.')
  return html`<table class="list"><thead><tr><th scope="col">Identity and pod</th><th scope="col">State</th><th scope="col">Since</th></tr></thead>
<tbody>${list.map(
    ({
      identity,
      namespace,
      pod,
      state,
      detail,
      place,
    }) => html`<tr><td><div class="identity">${foreign(identity, 80)}</div><div class="sub">${foreign(`${namespace}/${pod}`, 120)}</div></td>
<td><span class="chip unknown">${foreign(state, 40)}</span> <span class="reason">${foreign(detail, 200)}</span></td>
<td class="when"><a href="${links.record(place)}">${moment(place.at)}</a></td></tr>`,
  )}</tbody></table>`
}
