/** Who looked at what: the log of these pages, for the auditor. */
import type { AuditRecord } from '../../core/audit/record.ts'
import type { Found } from '../../io/audit/rows.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import { foreign, moment } from '../words.ts'
import { empty, nothing } from './states.ts'

type ViewRecord = Extract<AuditRecord, { kind: 'view' }>

export function viewsBody(found: Found | undefined, links: Links): Html {
  if (found === undefined)
    return empty(
      'Views are not written down',
      'Without a login only this machine is served: give --login and --journal.',
    )
  const views = found.rows.flatMap((row) => (row.of === 'note' && row.note.kind === 'view' ? [row.note] : []))
  if (views.length === 0) return nothing('Nobody looked.')
  return html`<table class="list"><thead><tr><th scope="col">Time (UTC)</th><th scope="col">Who</th><th scope="col">As</th><th scope="col">What</th></tr></thead><tbody>${views.map(viewRow)}</tbody></table>
${found.more !== undefined && html`<nav class="onward" aria-label="Further views"><a class="button older" href="${links.page('/views', [['after', `${found.more.sidecar}.${found.more.sequence}`]])}">Older</a></nav>`}`
}

const viewRow = ({ time, view: { reader, role, url, effect } }: ViewRecord): Html =>
  html`<tr class="${effect}"><td class="when">${moment(Date.parse(time))}</td><td>${foreign(reader, 200)}</td><td>${role.replace('-', ' ')}</td><td>${effect === 'deny' && html`<span class="chip deny">Refused</span> `}<code>${foreign(url, 300)}</code></td></tr>`
