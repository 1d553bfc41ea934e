/** A denial: what was asked and refused, what today's policy says of it, and which line to change. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { Denial, Today } from '../query/denial.ts'
import { foreign, grantText, moment, sentenceOf, shortHash } from '../words.ts'
import { fixes } from './fixes.ts'

export function denialBody({ item, today }: Denial, links: Links): Html {
  const { what, why, who } = item
  return html`<ol class="steps">
<li><h2>What was asked</h2><p><b>${foreign(who.identity, 200)}</b> of team <b>${foreign(who.team, 200)}</b> asked for <code>${foreign(what?.operation ?? '', 64)}</code> on</p>
<pre tabindex="0">${foreign(what?.path ?? '', 50_000)}${what?.destination !== undefined && html`\n${foreign(what.destination, 50_000)}`}</pre>
<p class="sub">${moment(item.at)}, ${foreign(`${who.namespace}/${who.pod}`, 300)}. <a href="${links.record(item)}">The record</a></p></li>
<li><h2>Why it was refused</h2><p>${why === undefined ? 'Its start is not here.' : html`<span class="chip ${why.effect}">${why.effect === 'deny' ? 'Denied' : 'Allowed'}</span> ${sentenceOf(why.reason)}.`} ${why !== undefined && html`<span class="sub">Policy ${shortHash(why.bundle)}</span>`}</p>
${why !== undefined && why.grants.length > 0 && html`<ul class="grants">${why.grants.map((grant) => html`<li>${grantText(grant)}</li>`)}</ul>`}</li>
<li><h2>What today’s policy says</h2>${today === undefined ? html`<p class="sub">No policy is known here.</p>` : said(today)}</li>
${today?.effect === 'deny' && html`<li><h2>What would allow it</h2>${change(today)}</li>`}
</ol>`
}

const said = ({ effect, reason, grants, bundle, isSame, dependsOn }: Today): Html =>
  html`<p><span class="chip ${effect}">${effect === 'deny' ? 'Denied' : 'Allowed'}</span> ${sentenceOf(reason)}. <span class="sub">${isSame ? 'It is the policy that refused it' : html`Policy ${shortHash(bundle)}, not the one that refused it`}</span></p>
${dependsOn !== undefined && html`<p class="notice">The answer hangs on what the record does not say: ${foreign(dependsOn, 300)}.</p>`}
${grants.length > 0 && html`<ul class="grants">${grants.map((grant) => html`<li>${grantText(grant)}</li>`)}</ul>`}`

const change = ({ fix }: Today): Html =>
  fix === undefined || fix.length === 0
    ? html`<p>No edit of the policy would: it is refused whatever is granted.</p>`
    : html`<p class="sub">The smallest edit, to be reviewed like any other: whoever owns the dataset decides whether it should be.</p>${fixes(fix)}`
