/** What following the chains proves, chain by chain, and what no chain can. */
import { COUNTERSIGNED_FAULTS } from '../../core/audit/countersigned.ts'
import { FAULTS } from '../../core/audit/verify.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { ProvedChain } from '../query/chains.ts'
import { counted, foreign, moment, number } from '../words.ts'
import { brokenOf, type Verdict } from './health.ts'
import { empty, nothing } from './states.ts'

/** Whole chains that are listed one by one. */
const MAX_LISTED = 200

export type VerifyShown = {
  readonly verdict: Verdict | undefined
  /** Why there is no newer one. */
  readonly problem?: string
  /** Bytes of those that are followed now; absent when nothing is. */
  readonly progress?: { readonly done: number; readonly total: number }
}

export function verifyBody({ verdict, problem, progress }: VerifyShown): Html {
  const isDone = progress === undefined
  return html`${problem !== undefined && html`<p class="notice" role="status">They cannot be followed now: ${foreign(problem, 300)}</p>`}
${!isDone && html`<p class="notice" role="status">They are being followed: ${number(progress.total === 0 ? 0 : Math.floor((progress.done / progress.total) * 100))} %. This page asks again.</p>`}
${verdict === undefined ? isDone && empty('Not followed yet', 'Reload to look again.') : proved(verdict)}`
}

function proved({ answer, checkedAt }: Verdict): Html {
  const { chains, checkpoints } = answer
  const broken = chains.filter(
    ({ broken: fault, countersigned }) => fault !== undefined || countersigned?.fault !== undefined,
  )
  const whole = chains.filter((chain) => !broken.includes(chain))
  const faults = brokenOf(answer)
  const records = chains.reduce((sum, chain) => sum + chain.records, 0)
  return html`<section class="health ${faults > 0 ? 'broken' : chains.length === 0 ? 'pending' : 'whole'}" aria-label="Verdict"><p class="verdict">
<b>${faults > 0 ? `✕ ${counted(faults, 'fault')}` : chains.length === 0 ? 'No log yet.' : `✓ ${chains.length === 1 ? 'The chain is' : `All ${number(chains.length)} chains are`} whole.`}</b>
<span class="sub">${counted(records, 'record')}, followed ${moment(checkedAt)}</span></p>
<p class="sub">${checkpoints === undefined ? 'No keys of brokers are known here, so a chain that was cut off, dropped, or written anew from its first record is not found.' : html`Held against ${counted(checkpoints.count, 'checkpoint')} that brokers signed: what was cut off, dropped or written anew before the last of them is found.`}</p></section>
${(checkpoints?.faults ?? []).map(({ file, line, fault, detail }) => html`<p class="fault"><code>${foreign(file, 200)}:${line}</code> ${foreign(fault, 80)}: ${foreign(detail, 300)}</p>`)}
${broken.length > 0 && html`<section aria-labelledby="broken"><h2 id="broken">Broken</h2>${broken.map(brokenChain)}</section>`}
<section aria-labelledby="whole"><h2 id="whole">Whole</h2>${whole.length === 0 ? nothing('None.') : table(whole)}</section>`
}

function brokenChain({ sidecar, records, broken, last, countersigned }: ProvedChain): Html {
  const signed = countersigned?.fault
  const pod = last === undefined || last.who.pod === '' ? undefined : `${last.who.namespace}/${last.who.pod}`
  return html`<div class="broken-chain"><p><b><code>${foreign(sidecar, 128)}</code></b> ${pod !== undefined && html`<span class="sub">pod ${foreign(pod, 300)}</span>`}</p>
${broken !== undefined && html`<p class="fault"><code>${foreign(broken.file, 200)}:${broken.line}</code> ${new Map<string, string>(Object.entries(FAULTS)).get(broken.fault) ?? broken.fault}. ${foreign(broken.detail, 300)}</p>`}
${signed !== undefined && html`<p class="fault">Numbers ${number(signed.from)} to ${number(signed.to - 1)}: ${new Map<string, string>(Object.entries(COUNTERSIGNED_FAULTS)).get(signed.fault) ?? signed.fault}</p>`}
<p class="sub">${records === 0 ? 'Nothing of it is proved' : `${counted(records, 'record')} hold together`}; what comes after the first fault proves nothing.</p></div>`
}

function table(whole: readonly ProvedChain[]): Html {
  return html`<table class="list"><thead><tr><th scope="col">Chain</th><th scope="col">Pod</th><th scope="col" class="num">Records</th><th scope="col" class="num">Countersigned to</th><th scope="col">Last record</th><th scope="col">State</th></tr></thead>
<tbody>${whole.slice(0, MAX_LISTED).map(
    ({
      sidecar,
      records,
      last,
      countersigned,
      unfinishedBytes,
    }) => html`<tr><td><code>${foreign(sidecar, 128)}</code></td><td>${last !== undefined && foreign(`${last.who.namespace}/${last.who.pod}`, 200)}</td><td class="num" data-of="Records">${number(records)}</td>
<td class="num">${countersigned === undefined ? html`<span class="sub">–</span>` : number(countersigned.provedTo)}</td><td class="when">${last !== undefined && moment(Date.parse(last.time))}</td><td>${last?.kind === 'close' ? 'closed' : 'open'}${unfinishedBytes > 0 && ', last line not finished'}</td></tr>`,
  )}</tbody></table>
${whole.length > MAX_LISTED && html`<p class="sub">and ${counted(whole.length - MAX_LISTED, 'more')}: <code>kerbside audit verify</code> lists all</p>`}`
}
