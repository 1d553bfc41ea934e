/** Whether the logs are whole: one line when they are, all that is known when they are not. */
import { FAULTS } from '../core/audit/verify.ts'
import type { ChainReport } from '../io/audit/chain.ts'
import type { Chains } from './chain-watch.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { counted, foreign, timeOfDay } from './words.ts'

/** Whole chains that are listed one by one. */
const MAX_LISTED = 50

export function chainsPanel(chains: Chains | undefined): Html {
  if (chains === undefined)
    return html`<section class="chains pending" aria-label="Chains">The chains are being checked…</section>`
  const { reports, checkedAt, problem } = chains
  const broken = reports.filter((report) => report.broken !== undefined)
  const whole = reports.filter((report) => report.broken === undefined)
  const state = problem !== undefined || broken.length > 0 ? 'broken' : reports.length === 0 ? 'pending' : 'whole'
  return html`<section class="chains ${state}" aria-label="Chains">
<p class="verdict">${verdict(broken.length, reports)} <span class="sub">checked ${timeOfDay(new Date(checkedAt).toISOString()).slice(0, 8)} UTC</span></p>
${problem !== undefined && html`<p class="fault">They cannot be checked now: ${foreign(problem)}</p>`}
${broken.map(brokenChain)}
${whole.length > 0 && listed(whole, broken.length === 0)}
</section>`
}

function verdict(broken: number, reports: readonly ChainReport[]): Html {
  const records = counted(
    reports.reduce((sum, report) => sum + report.records, 0),
    'record',
  )
  if (reports.length === 0) return html`<b>No log yet</b>`
  if (broken > 0)
    return html`<b><span aria-hidden="true">✕</span> ${counted(broken, 'chain is', 'chains are')} broken</b> of ${reports.length}`
  return html`<b><span aria-hidden="true">✓</span> ${reports.length === 1 ? 'The chain is whole' : `${reports.length} chains are whole`}</b> <span class="sub">${records}</span>`
}

function brokenChain({ sidecar, records, last, broken }: ChainReport): Html {
  if (broken === undefined) return html``
  return html`<div class="fault">
<p><code>${foreign(broken.file)}:${broken.line}</code> ${FAULTS[broken.fault]}</p>
<p class="sub">${foreign(broken.detail, 300)}. ${records === 0 ? 'Nothing of this log is proved' : `Up to there ${counted(records, 'record')} hold together`}; what comes after proves nothing. ${
    last === undefined
      ? html`Sidecar ${foreign(sidecar, 60)}`
      : html`Pod ${foreign(`${last.who.namespace}/${last.who.pod}`, 140)}`
  }.</p>
</div>`
}

function listed(whole: readonly ChainReport[], isAll: boolean): Html {
  const left = whole.length - MAX_LISTED
  return html`<details><summary>${isAll ? 'Which' : counted(whole.length, 'whole chain')}</summary>
<ul>${whole.slice(0, MAX_LISTED).map(wholeChain)}</ul>
${left > 0 && html`<p class="sub">and ${counted(left, 'more')}: <code>kerbside audit verify</code> lists all</p>`}
<p class="sub">A chain shows what was changed in it. It does not show what was cut off its end, nor a log that is gone.</p>
</details>`
}

function wholeChain({ sidecar, records, last, unfinishedBytes }: ChainReport): Html {
  const pod = last === undefined ? '' : `${last.who.namespace}/${last.who.pod}`
  const ending = last?.kind === 'close' ? 'closed' : 'open'
  return html`<li><span class="pod">${foreign(pod, 140)}</span> <code>${foreign(sidecar, 60)}</code> <span class="sub">${counted(records, 'record')}, ${ending}${
    unfinishedBytes > 0 && ', last line not finished'
  }</span></li>`
}
