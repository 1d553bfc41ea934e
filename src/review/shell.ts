/** What every page has around it: head, skip link, the way to the other pages, who is signed in. */
import { printable } from '../core/audit/printable.ts'
import type { Viewer } from './guard.ts'
import type { Html } from './html.ts'
import { html, textOf } from './html.ts'
import { may, type Need } from './login/reader.ts'
import { foreign } from './words.ts'

export type Page = {
  readonly title: string
  /** Path of the page in the menu that this one belongs to. */
  readonly menu: string
  readonly viewer: Viewer
  /** Whether there is a login: then it can be ended, and who looked is written down. */
  readonly hasLogin: boolean
  /** Below the title: what the page shows, in one sentence. */
  readonly lede?: Html | string
  /** Beside the title: choices that change what the page shows. */
  readonly choices?: Html
  readonly body: Html
}

const MENU: readonly (readonly [path: string, name: string, need: Need])[] = [
  ['/', 'Overview', 'records'],
  ['/records', 'Records', 'records'],
  ['/policy', 'Policy', 'everything'],
  ['/verify', 'Verify', 'everything'],
  ['/views', 'Who looked', 'views'],
]

export function page(shown: Page): string {
  const { title, menu, viewer, hasLogin, lede, choices, body } = shown
  return documentOf(
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">${LOGO}<span>Kerbside</span></a>
<nav aria-label="Pages"><ul>${MENU.filter(
      ([, , need]) => may(viewer.reader, need) && (hasLogin || need !== 'views'),
    ).map(
      ([path, name]) =>
        html`<li><a href="${withTeam(path, viewer)}"${path === menu && html` aria-current="page"`}>${name}</a></li>`,
    )}</ul></nav>
${whoIsHere(shown)}
</header>
<main id="main" tabindex="-1">
<div class="head"><div><h1>${foreign(title, 300)}</h1>
${lede !== undefined && html`<p class="lede">${lede}</p>`}</div>
${choices}</div>
${body}
</main>
<footer><span>Times are in UTC.</span> <button type="button" class="plain" id="zone" hidden>Show local time</button></footer>`,
  )
}

/** A page for whoever is not signed in. */
export const bare = (title: string, body: Html): string =>
  documentOf(
    title,
    html`<main class="bare"><p class="brand">${LOGO}<span>Kerbside</span></p><h1>${title}</h1>${body}</main>`,
  )

function documentOf(title: string, body: Html): string {
  return `<!doctype html>\n${textOf(html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${printable(title, 200)} – Kerbside review</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script src="/page.js" type="module"></script>
</head>
<body>
${body}
</body>
</html>`)}\n`
}

function whoIsHere({ viewer, hasLogin, menu }: Page): Html {
  const { reader, scope } = viewer
  const team = scope.of === 'team' ? html`<span class="scope">Team ${foreign(scope.team, 60)}</span>` : undefined
  const teams = reader.teams ?? []
  const others = teams.length > 1 && scope.of === 'team' && teamChoice(teams, scope.team, menu)
  return html`<div class="who-is-here">${others || team}
${
  hasLogin &&
  html`<span class="reader">${foreign(reader.name, 60)} <span class="sub">${reader.role.replace('-', ' ')}</span></span>
<form method="post" action="/logout"><button class="plain">Sign out</button></form>`
}</div>`
}

const teamChoice = (teams: readonly string[], chosen: string, menu: string): Html =>
  html`<form method="get" action="${menu}" class="scope"><label>Team <select name="of">${teams.map(
    (team) => html`<option value="${team}"${team === chosen && html` selected`}>${printable(team, 60)}</option>`,
  )}</select></label> <button class="plain">Show</button></form>`

/** Links keep the team that is looked at. */
export function withTeam(target: string, { scope }: Viewer): string {
  if (scope.of === 'all') return target
  return `${target}${target.includes('?') ? '&' : '?'}${new URLSearchParams({ of: scope.team })}`
}

const LOGO = html`<svg class="logo" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true"><rect width="32" height="32" rx="7" class="plate"/><path d="M9 7v18M23 7l-9 9 9 9" class="mark"/></svg>`
