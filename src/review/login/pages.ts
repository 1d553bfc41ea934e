/** What is shown to whoever is not signed in. */
import { html } from '../html.ts'
import { bare } from '../shell.ts'
import { LOGIN_REFUSALS, type LoginRefusal } from './refusals.ts'

export const refusedPage = (refusal: LoginRefusal): string =>
  bare(
    'Not signed in',
    html`<p>You are not signed in: ${LOGIN_REFUSALS[refusal]}.</p>
<p class="sub">Code <code>${refusal}</code>. ${refusal === 'no-role' && 'Whoever runs Kerbside gives roles, in the file of its login.'}</p>
<p><a class="button" href="/login">Sign in again</a></p>`,
  )

export const endedPage = (): string =>
  bare(
    'Signed out',
    html`<p>You are signed out here. With your provider you may be signed in still.</p>
<p><a class="button" href="/login">Sign in again</a></p>`,
  )

export const forbiddenPage = (): string =>
  bare(
    'Not for you',
    html`<p>Your role does not show this page, or these are records of a team that is not yours.</p>
<p><a class="button" href="/">To the overview</a></p>`,
  )
