/** Whether the log is whole and up to date: one line when it is, all that is known when it is not. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { ChainsAnswer } from '../query/chains.ts'
import type { LogHealth } from '../query/health.ts'
import { counted, duration, foreign, moment, number } from '../words.ts'

export type Verdict = {
  readonly answer: ChainsAnswer
  /** When it was reached, milliseconds since the epoch. */
  readonly checkedAt: number
}

export type HealthShown = {
  readonly log: LogHealth
  /** Absent while the chains are followed for the first time. */
  readonly verdict: Verdict | undefined
  /** Whether the reader may see it: chains are about all teams. */
  readonly mayVerify: boolean
  readonly links: Links
}

/** Chains with something wrong in them, however it was found. */
export const brokenOf = ({ chains, checkpoints }: ChainsAnswer): number =>
  chains.filter(({ broken, countersigned }) => broken !== undefined || countersigned?.fault !== undefined).length +
  (checkpoints?.faults.length ?? 0)

export function logHealth({ log, verdict, mayVerify, links }: HealthShown): Html {
  const broken = verdict === undefined ? 0 : brokenOf(verdict.answer)
  const isBad = broken > 0 || log.damaged.length > 0 || log.intake.problem !== undefined
  const state = isBad
    ? 'broken'
    : log.gapCount > 0
      ? 'gaps'
      : verdict === undefined || log.chains === 0
        ? 'pending'
        : 'whole'
  return html`<section class="health ${state}" aria-label="The log">
<p class="verdict">${words(broken, log, mayVerify ? verdict : 'not shown')} ${lag(log)} ${mayVerify && html`<a class="more" href="${links.page('/verify')}">Verify</a>`}</p>
${log.intake.problem !== undefined && html`<p class="fault">New records are not taken in: ${foreign(log.intake.problem, 200)}. What is shown may be old.</p>`}
${!log.intake.isCurrent && log.intake.problem === undefined && html`<p class="sub">Still taking in records: ${share(log.intake)} of the log is here.</p>`}
${log.damaged.map(({ file, lines, problem }) => html`<p class="fault"><code>${foreign(file, 200)}</code>: ${counted(lines, 'line is', 'lines are')} left out, ${foreign(problem, 200)}</p>`)}
${log.gaps.slice(0, MOST_GAPS).map(({ sidecar, from, to, at, detail }) => html`<p class="fault">Records ${number(from)} to ${number(to - 1)} of <code>${foreign(sidecar, 60)}</code> are not here: ${foreign(detail, 200)}, ${moment(at)}</p>`)}
${log.gapCount > MOST_GAPS && html`<p class="sub">and ${counted(log.gapCount - MOST_GAPS, 'more gap')}</p>`}
</section>`
}
const MOST_GAPS = 3

function words(broken: number, log: LogHealth, verdict: Verdict | undefined | 'not shown'): Html {
  if (broken > 0) return html`<b>✕ The log is not whole: ${counted(broken, 'fault')}.</b>`
  if (log.damaged.length > 0) return html`<b>✕ Part of the log cannot be read.</b>`
  if (log.gapCount > 0) return html`<b>${counted(log.gapCount, 'gap')}: not all records came here.</b>`
  if (log.chains === 0) return html`<b>No log yet.</b>`
  if (verdict === 'not shown') return html`<b>✓ No records of yours are missing.</b>`
  if (verdict === undefined) return html`<b>The log is being followed…</b>`
  return html`<b>✓ The log is whole.</b> <span class="sub">${counted(verdict.answer.chains.length, 'chain')}, followed ${moment(verdict.checkedAt)}</span>`
}

const lag = ({ newestAgeMs }: LogHealth): Html =>
  newestAgeMs === undefined ? html`` : html`<span class="sub">newest record ${age(newestAgeMs)} ago</span>`

const age = (ms: number): string =>
  ms < 2 * 3_600_000
    ? duration(ms)
    : ms < 2 * 86_400_000
      ? `${Math.round(ms / 3_600_000)} h`
      : `${Math.round(ms / 86_400_000)} days`

const share = ({ bytesTaken, bytesTotal }: LogHealth['intake']): string =>
  bytesTotal === 0 ? '0 %' : `${Math.floor((bytesTaken / bytesTotal) * 100)} %`
