/** Policy over time: which bundles were in force, and two of them to compare. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { BundleInForce, BundlesOverTime, UnusedAnswer } from '../query/policies.ts'
import { counted, dayOfMs, foreign, moment, number, shortHash } from '../words.ts'
import { counting, empty, nothing } from './states.ts'

export function policyBody({ bundles }: BundlesOverTime, unused: UnusedAnswer, links: Links): Html {
  if (bundles.length === 0) return empty('No policy yet', 'Neither do records name one, nor is one known here.')
  const known = bundles.filter(({ isKnown }) => isKnown)
  return html`<section aria-labelledby="bundles"><h2 id="bundles">In force, newest first</h2>
<form method="get" action="/policy/diff"><table class="list"><thead><tr><th scope="col">Policy</th><th scope="col">First, last named</th><th scope="col" class="num">Sidecars</th><th scope="col" class="num">Operations</th><th scope="col" class="num">Denied</th><th scope="col">Compare</th></tr></thead>
<tbody>${bundles.map((bundle) => row(bundle, known, links))}</tbody></table>
${known.length > 1 ? html`<p class="actions"><button>Compare the two</button></p>` : html`<p class="sub">The content of ${counted(known.length, 'policy', 'policies')} is known here: two are needed to compare.</p>`}</form></section>
<section aria-labelledby="unused"><h2 id="unused">What nobody uses</h2>${unusedText(unused)}</section>`
}

function row(
  { hash, first, last, sidecars, operations, denied, isKnown, isToday }: BundleInForce,
  known: readonly BundleInForce[],
  links: Links,
): Html {
  const [after, before] = known
  const choice = (name: 'before' | 'after', chosen: BundleInForce | undefined) =>
    html`<label class="radio"><input type="radio" name="${name}" value="${hash}"${hash === (chosen ?? after)?.hash && html` checked`}> ${name}</label>`
  return html`<tr><td>${shortHash(hash)} ${isToday && html`<span class="chip allow">Today</span>`}</td>
<td class="when">${operations + sidecars === 0 ? html`<span class="sub">never</span>` : html`${moment(first)}<br>${moment(last)}`}</td><td class="num" data-of="Sidecars">${number(sidecars)}</td>
<td class="num" data-of="Operations">${number(operations)}</td><td class="num" data-of="Denied">${denied === 0 ? '0' : html`<a href="${links.records({ decision: ['deny'], from: first, until: last + 1 })}">${number(denied)}</a>`}</td>
<td>${isKnown && known.length > 1 ? html`${choice('before', before)} ${choice('after', after)}` : html`<span class="sub">${isKnown ? 'with none yet' : 'content not known here'}</span>`}</td></tr>`
}

function unusedText(answer: UnusedAnswer): Html {
  if (answer === undefined) return nothing('No policy is known here.')
  const { unused } = answer
  if (unused === undefined) return counting
  const { grants, actions, identities, denies, coverage } = unused
  const list = (
    title: string,
    entries: readonly { readonly name: string; readonly at: string; readonly lastUsed?: number }[],
  ) =>
    entries.length > 0 &&
    table(
      title,
      'Last used',
      entries.map(({ name, at, lastUsed }) => ({
        name,
        at,
        what: lastUsed === undefined ? html`<span class="sub">never</span>` : moment(lastUsed),
      })),
    )
  const isNothing = grants.length + actions.length + identities.length === 0
  return html`<p class="sub">Since ${dayOfMs(unused.since)}, by ${counted(coverage.records, 'record')}${!coverage.isWhole && ', which do not reach back that far or have gaps: what is here may have been used'}. <code>kerbside policy unused --output patch</code> writes the edit.</p>
${isNothing && nothing('Everything that is granted was used.')}
${list('Grants that nobody used', grants)}
${
  actions.length > 0 &&
  table(
    'Actions that nobody used',
    'Not used',
    actions.map(({ name, at, unused: idle }) => ({
      name,
      at,
      what: html`${idle.map(({ action }) => action).join(', ')}`,
    })),
  )
}
${list('Identities that nobody used', identities)}
${list('Denies that nobody ran into, which may well be their purpose', denies)}`
}

type Idle = { readonly name: string; readonly at: string; readonly what: Html }

const table = (title: string, what: string, rows: readonly Idle[]): Html =>
  html`<h3>${title}</h3><table class="list idle"><thead><tr><th scope="col">Name</th><th scope="col">Where</th><th scope="col">${what}</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><td>${foreign(row.name, 120)}</td><td><code>${foreign(row.at, 200)}</code></td><td>${row.what}</td></tr>`)}</tbody></table>`
