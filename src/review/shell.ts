/** What every page has around it: head, skip link, the way to the other pages, who is signed in. */
import { printable } from '../core/audit/printable.ts'
import type { Html } from './html.ts'
import { html, textOf } from './html.ts'

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
</head>
<body>
${body}
</body>
</html>`)}\n`
}

const LOGO = html`<svg class="logo" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true"><rect width="32" height="32" rx="7" class="plate"/><path d="M9 7v18M23 7l-9 9 9 9" class="mark"/></svg>`
