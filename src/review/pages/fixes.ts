/** The edits that would allow what was denied, as a person would type them. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Denial, Fix } from '../query/denial.ts'
import { counted, foreign, quoted } from '../words.ts'

/** One line, for a list; the denial's own page has all of it. */
export function fixLine(denial: Denial | undefined, link: string): Html {
  const today = denial?.today
  if (today === undefined) return html`<a href="${link}">Explain</a>`
  if (today.effect === 'allow') return html`<a href="${link}">Allowed by today’s policy</a>`
  const [first, ...others] = today.fix ?? []
  if (first === undefined) return html`<a href="${link}">No edit of the policy would allow it</a>`
  const [said = ''] = first.lines
  return html`<a href="${link}">${quoted(said === '' ? first.kind : said, 140)}</a>${others.length > 0 && html` <span class="sub">and ${counted(others.length, 'more edit')}</span>`}`
}

export const fixes = (list: readonly Fix[]): Html =>
  html`<ol class="fixes">${list.map(
    ({
      at,
      lines: [said = '', ...yaml],
    }) => html`<li><p>${quoted(said, 400)} ${at !== undefined && html`<code class="at">${foreign(at, 200)}</code>`}</p>
${yaml.length > 0 && html`<pre tabindex="0">${yaml.map((line) => html`${foreign(line, 400)}\n`)}</pre>`}</li>`,
  )}</ol>`
