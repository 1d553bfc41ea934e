/** What stands where there is nothing to show, and why. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import { foreign } from '../words.ts'

export const empty = (title: string, what: Html | string): Html =>
  html`<div class="empty"><h2>${title}</h2><p>${what}</p></div>`

/** Beside other content: one line is enough. */
export const nothing = (what: Html | string): Html => html`<p class="nothing">${what}</p>`

/** Where a policy is new here, until what was recorded is counted by the names that it says. */
export const counting: Html = html`<p class="notice" role="status">The records are being counted by the paths that this policy names. This page asks again by itself.</p>`

export const problems = (list: readonly string[]): Html =>
  html`${list.map((problem) => html`<p class="notice" role="status">${foreign(problem, 600)}</p>`)}`

/** What cannot be answered now, by the code of the error; everything else says that the log knows. */
export const TOLD = {
  'not-ready': [
    503,
    'That takes longer than you would wait',
    'Ask for less time, or for one team or dataset. What was read meanwhile makes the next try faster.',
  ],
  'bad-request': [400, 'That link is not understood', 'It may have been cut off.'],
  'io-failed': [503, 'The records cannot be read now', 'The log of this program says why.'],
  'disk-full': [503, 'The disk is full', 'The records are safe, but there is no room to search them.'],
  'audit-unwritable': [
    503,
    'Nothing can be shown now',
    'That somebody looks must be written down first, and it cannot be. The log of this program says why.',
  ],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string, what: string]>>
