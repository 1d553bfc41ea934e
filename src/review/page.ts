/** The page: a pure function from what was found to HTML. */
import { printable } from '../core/audit/printable.ts'
import type { AuditRecord } from '../core/audit/record.ts'
import type { Found } from '../io/audit/rows.ts'
import type { Chains } from './chain-watch.ts'
import { chainsPanel } from './chains.ts'
import type { Html } from './html.ts'
import { html, textOf } from './html.ts'
import { rowsTable } from './rows.ts'
import type { PageFilter, View } from './view.ts'
import { writeView } from './view.ts'
import { counted, day, foreign, timeOfDay } from './words.ts'

export type Shown = {
  readonly directory: string
  readonly view: View
  /** What in the URL was not understood. */
  readonly problems: readonly string[]
  readonly found: Found
  /** Nothing while they are checked for the first time. */
  readonly chains: Chains | undefined
}

export function page(shown: Shown): string {
  const { directory, view, problems, found, chains } = shown
  return `<!doctype html>\n${textOf(html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titleOf(view.filter)}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="unseen" href="#records">Skip to the records</a>
<header>
<h1><a href="/">Kerbside <span>review</span></a></h1>
<p class="source"><code>${foreign(directory)}</code></p>
</header>
<main>
${chainsPanel(chains)}
${filterBar(shown)}
${problems.map((problem) => html`<p class="notice" role="status">${foreign(problem)}</p>`)}
${found.unreadable > 0 && html`<p class="notice" role="status">${counted(found.unreadable, 'line here is no record and is', 'lines here are no records and are')} left out.</p>`}
<section id="records" aria-label="Records">
${found.rows.length > 0 ? rowsTable(found.rows, provedBy(chains)) : emptyState(shown)}
</section>
${onward(shown)}
</main>
</body>
</html>`)}\n`
}

/** Records before the first fault of their chain are proved. What was written since the last check counts as proved until the next. */
function provedBy(chains: Chains | undefined): (record: AuditRecord) => boolean {
  const faults = chains?.reports.flatMap(({ sidecar, records, broken }) =>
    broken === undefined ? [] : [[sidecar, records] as const],
  )
  const provedUntil = new Map(faults)
  return ({ sidecar, sequence }) => sequence < (provedUntil.get(sidecar) ?? Number.POSITIVE_INFINITY)
}

function titleOf({ team, identity, effect, pathText }: PageFilter): string {
  const parts = [effect === 'deny' ? 'denied' : effect === 'allow' ? 'allowed' : undefined, team, identity, pathText]
  const said = parts.filter((part) => part !== undefined)
  return said.length === 0 ? 'Kerbside review' : `${printable(said.join(', '), 200)} – Kerbside review`
}

const CHOICES = [
  ['All', undefined],
  ['Allowed', 'allow'],
  ['Denied', 'deny'],
] as const

function filterBar({ view: { filter }, found, chains }: Shown): Html {
  const { effect: _, ...withoutEffect } = filter
  const isSet = Object.keys(filter).length > 0
  return html`<form class="filter" method="get" action="/" role="search" aria-label="Filter">
<div class="choice" role="group" aria-label="Decision">${CHOICES.map(([name, effect]) => {
    const target = writeView({ filter: effect === undefined ? withoutEffect : { ...filter, effect } })
    return html`<a href="${target}" class="${effect ?? 'all'}"${filter.effect === effect && html` aria-current="true"`}>${name}</a>`
  })}</div>
${filter.effect !== undefined && html`<input type="hidden" name="decision" value="${filter.effect === 'allow' ? 'allowed' : 'denied'}">`}
<label>Team <select name="team">${options('any team', filter.team, known('team', found, chains))}</select></label>
<label>Identity <select name="identity">${options('any identity', filter.identity, known('identity', found, chains))}</select></label>
<label class="text">Path <input type="search" name="path" value="${filter.pathText ?? ''}" placeholder="any path" autocomplete="off" spellcheck="false"></label>
<button>Filter</button>
${isSet && html`<a class="clear" href="/">Clear</a>`}
</form>`
}

/** Names to choose from: of the sidecars' last records, and of the rows at hand. */
function known(field: 'team' | 'identity', found: Found, chains: Chains | undefined): readonly string[] {
  const rows = found.rows.map(
    (row) => (row.of === 'note' ? row.note : row.of === 'orphan' ? row.end : row.start).who[field],
  )
  const logs = chains?.reports.flatMap(({ last }) => (last === undefined ? [] : [last.who[field]])) ?? []
  return [...new Set([...rows, ...logs])].toSorted().slice(0, MAX_CHOICES)
}
const MAX_CHOICES = 500

function options(none: string, chosen: string | undefined, names: readonly string[]): Html {
  const all = chosen === undefined || names.includes(chosen) ? names : [chosen, ...names]
  return html`<option value="">${none}</option>${all.map(
    (name) => html`<option value="${name}"${name === chosen && html` selected`}>${printable(name, 80)}</option>`,
  )}`
}

function emptyState({ view, found, chains }: Shown): Html {
  if (found.isLost) {
    return empty(
      'That place is not in the records any more',
      html`<a href="${writeView({ filter: view.filter })}">Begin with the newest ones</a>.`,
    )
  }
  const isFiltered = Object.keys(view.filter).length > 0
  if (found.more !== undefined) {
    const back =
      found.reached === undefined ? '' : ` back to ${timeOfDay(found.reached).slice(0, 8)} UTC on ${day(found.reached)}`
    return empty('Nothing yet', `${counted(found.lines, 'record')}${back} were searched. There are older ones.`)
  }
  if (isFiltered)
    return empty(
      'Nothing matches',
      html`${counted(found.lines, 'record')} were searched. <a href="/">Show all of them</a>.`,
    )
  if (view.after !== undefined) return empty('No older records', html`<a href="/">Back to the newest ones</a>.`)
  const isBroken = chains?.reports.some(({ broken }) => broken !== undefined) === true
  if (isBroken) return empty('No record can be read', 'What is wrong with the files stands above.')
  return empty('No records yet', 'They appear here when a sidecar has written its first one. Reload to look again.')
}

const empty = (title: string, what: string | Html): Html =>
  html`<div class="empty"><h2>${title}</h2><p>${what}</p></div>`

function onward({ view, found }: Shown): Html {
  const { filter } = view
  const newest = view.after !== undefined && !found.isLost && html`<a href="${writeView({ filter })}">Newest</a>`
  const older =
    found.more !== undefined &&
    html`<a class="older" href="${writeView({ filter, after: found.more })}">${found.rows.length > 0 ? 'Older records' : 'Search on'}</a>`
  if (newest === false && older === false) return html``
  return html`<nav aria-label="Further records">${newest} ${older}</nav>`
}
