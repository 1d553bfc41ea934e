/** The table of rows, under a heading for each day. */
import { noteText } from '../core/audit/note-text.ts'
import type { AuditRecord, ShadowWhy, What } from '../core/audit/record.ts'
import type { EndRecord, Note, Row } from '../core/audit/row.ts'
import { recordOf } from '../core/audit/row.ts'
import { REASONS } from '../core/reasons.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { bytes, day, duration, foreign, timeOfDay } from './words.ts'

const COLUMNS = ['Time (UTC)', 'Identity and pod', 'Operation', 'Decision', 'Transfer'] as const

/** Whether the chain still vouches for a record. */
export type IsProved = (record: AuditRecord) => boolean

export function rowsTable(rows: readonly Row[], isProved: IsProved): Html {
  return html`<table class="rows">
<caption class="unseen">Audit records, newest first. An operation is one row, whether it was allowed or denied.</caption>
<thead><tr>${COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
${byDay(rows).map(
  ({ name, rows: ofDay }) => html`<tbody>
<tr class="day"><th scope="rowgroup" colspan="${COLUMNS.length}">${name}</th></tr>
${ofDay.map((row) => tableRow(row, isProved))}
</tbody>`,
)}
</table>`
}

/** It stands in a file that was damaged or changed, at or behind the place where the chain breaks. */
const UNPROVED = html`<span class="chip unproved">Not proved</span>`

function byDay(rows: readonly Row[]): readonly { readonly name: string; readonly rows: readonly Row[] }[] {
  const days: { name: string; rows: Row[] }[] = []
  for (const row of rows) {
    const name = day(recordOf(row).time)
    if (days.at(-1)?.name !== name) days.push({ name, rows: [] })
    days.at(-1)?.rows.push(row)
  }
  return days
}

function tableRow(row: Row, isProved: IsProved): Html {
  const unproved = !isProved(recordOf(row)) && UNPROVED
  if (row.of === 'note') return noteRow(row.note, unproved)
  const what = row.of === 'operation' ? row.start.what : row.end.what
  const effect = row.of === 'operation' ? row.start.why.effect : 'unknown'
  return html`<tr class="${effect}">
${timeAndWho(row)}
<td class="operation">
  <div class="target"><code class="verb">${foreign(what.operation, 64)}</code> <code class="path">${foreign(what.path)}</code></div>
  ${what.destination !== undefined && html`<div class="target"><span class="to">to</span> <code class="path">${foreign(what.destination)}</code></div>`}
  <div class="sub">${about(what)}</div>
</td>
<td class="decision">${unproved} ${row.of === 'operation' ? decision(row.start.why) : html`<span class="chip unknown">Unknown</span> <span class="reason">its start record is missing</span>`}</td>
<td class="transfer">${transfer(row.of === 'orphan' ? row.end : row.end, effect)}</td>
</tr>
`
}

function timeAndWho(row: Row): Html {
  const { time, who } = recordOf(row)
  const [seconds, milliseconds] = timeOfDay(time).split('.')
  return html`<td class="time"><time datetime="${time}">${seconds}<span class="ms">.${milliseconds}</span></time></td>
<td class="who"><div class="identity">${foreign(who.identity, 80)}</div><div class="sub">${foreign(who.team, 80)}<span class="then">${foreign(`${who.namespace}/${who.pod}`, 140)}</span></div></td>`
}

function about({ dataset, client }: What): Html {
  const told = [
    dataset !== undefined && html`dataset ${foreign(dataset, 80)}`,
    client !== undefined && html`<span class="then">${foreign(client, 128)}</span>`,
  ]
  return html`${told}`
}

type Why = Extract<Row, { of: 'operation' }>['start']['why']

function decision({ effect, reason, grants, shadow }: Why): Html {
  const [mark, word] = effect === 'deny' ? ['✕', 'Denied'] : ['✓', 'Allowed']
  return html`<span class="chip ${effect}"><span aria-hidden="true">${mark}</span> ${word}</span>
  <span class="reason">${sentenceOf(reason)}</span>
  ${grants.length > 0 && html`<ul class="grants">${grants.map(grant)}</ul>`}
  ${shadow !== undefined && inShadow(shadow)}`
}

/** What enforcing everything that is in shadow would change. */
function inShadow({ effect, reason, grants }: ShadowWhy): Html {
  return html`<div><span class="chip shadow">Would be ${effect === 'deny' ? 'denied' : 'allowed'}</span>
  <span class="reason">${sentenceOf(reason)}</span></div>
  ${grants.length > 0 && html`<ul class="grants">${grants.map(grant)}</ul>`}`
}

/** A later version may have reasons that this one does not know: then the code has to do. */
function sentenceOf(reason: string): Html {
  const sentence = new Map<string, string>(Object.entries(REASONS)).get(reason)
  if (sentence === undefined) return foreign(reason)
  return html`${sentence.split('`').map((piece, index) => (index % 2 === 0 ? piece : html`<code>${piece}</code>`))}`
}

/** `quant-reads-market@quant/grants.yaml:3`. */
function grant(text: string): Html {
  const at = text.lastIndexOf('@')
  if (at < 0) return html`<li>${foreign(text, 200)}</li>`
  return html`<li>${foreign(text.slice(0, at), 100)} <code>${foreign(text.slice(at + 1), 200)}</code></li>`
}

function transfer(record: EndRecord | undefined, effect: string): Html {
  if (record === undefined) {
    return html`<span class="sub">${effect === 'deny' ? '' : 'not ended'}</span>`
  }
  const { status, bytesRead, bytesWritten, durationMs, cut, upload } = record.end
  const moved = [
    bytesRead > 0 && html`<div>${bytes(bytesRead)} <span class="sub">read</span></div>`,
    bytesWritten > 0 && html`<div>${bytes(bytesWritten)} <span class="sub">written</span></div>`,
  ]
  const outcomes = [
    status === 0 ? 'client gone' : status >= 400 && effect !== 'deny' ? `HTTP ${status}` : undefined,
    cut ? 'cut short' : undefined,
    upload === 'removed' ? 'upload removed' : upload === 'left' ? 'part of the upload left' : undefined,
  ].filter((outcome) => outcome !== undefined)
  return html`${effect !== 'deny' && moved}
<div class="sub">${duration(durationMs)}</div>
${outcomes.map((outcome) => html`<div class="outcome">${outcome}</div>`)}`
}

const NOTES = {
  open: 'Sidecar',
  close: 'Sidecar',
  credential: 'Credential',
  policy: 'Policy',
  admission: 'Admission',
  release: 'Secret',
  refusal: 'Refusal',
  gap: 'Gap',
  view: 'View',
} as const satisfies Record<Note['kind'], string>

function noteRow(note: Note, unproved: Html | false): Html {
  return html`<tr class="note">
${timeAndWho({ of: 'note', note })}
<td class="operation" colspan="3">${unproved} <span class="kind">${NOTES[note.kind]}</span> ${foreign(noteText(note), 300)}</td>
</tr>
`
}
