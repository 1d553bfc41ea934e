/** Numbers, times and strangers' texts as a reader likes them. */
import { printable } from '../core/audit/printable.ts'
import { REASONS } from '../core/reasons.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `1.2 MB`: powers of 1000, two digits that count. */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** `12 ms`, `3.4 s`, `72 s`, `12 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 119.5) return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`
  return `${Math.round(seconds / 60)} min`
}

/** `17 records`; thousands are set apart. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' })

/** `Monday 2 March 2026`. */
export const day = (time: string): string => DAY.format(new Date(time)).replace(',', '')

/** `12:00:01.250` of a time in RFC 3339. */
export const timeOfDay = (time: string): string => time.slice(11, 23)

/**
 * A text that a stranger chose: controls and turns of direction are shown as escapes, letters that run from right to left
 * keep to themselves, and a long path may break after a slash.
 */
export function foreign(text: string, limit = 1000): Html {
  const pieces = printable(text, limit).split(/(?<=\/)/)
  return html`<bdi>${pieces.map((piece, index) => (index === 0 ? piece : html`<wbr>${piece}`))}</bdi>`
}

const MONTH = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `2 Mar 12:00:01`, which a script may turn into local time. */
export function moment(ms: number): Html {
  const time = new Date(ms).toISOString()
  return html`<time datetime="${time}">${MONTH.format(ms)} ${timeOfDay(time).slice(0, 8)}</time>`
}

/** `2 Mar 2026`, of the day in UTC. */
export const dayOfMs = (ms: number): string => `${MONTH.format(ms)} ${new Date(ms).getUTCFullYear()}`

/** `12,345`. */
export const number = (count: number): string => count.toLocaleString('en-US')

/** `OPEN 12, LISTSTATUS 3`. */
export const tally = (list: readonly { readonly operation: string; readonly count: number }[]): Html =>
  html`${list.map(({ operation, count }, index) => html`${index > 0 && ', '}<code>${foreign(operation, 64)}</code> ${number(count)}`)}`

/** A later version may have reasons that this one does not know: then the code has to do. */
export function sentenceOf(reason: string): Html {
  const sentence = SENTENCES.get(reason)
  return sentence === undefined ? foreign(reason, 80) : quoted(sentence)
}

/** A sentence in which names stand in backticks, as all of ours do. */
export const quoted = (sentence: string, limit = 1000): Html =>
  html`${sentence
    .slice(0, limit)
    .split('`')
    .map((piece, index) => (index % 2 === 0 ? foreign(piece) : html`<code>${foreign(piece)}</code>`))}`

const SENTENCES: ReadonlyMap<string, string> = new Map(Object.entries(REASONS))

/** `quant-reads-market@quant/grants.yaml:3`. */
export function grantText(text: string): Html {
  const at = text.lastIndexOf('@')
  if (at < 0) return foreign(text, 200)
  return html`${foreign(text.slice(0, at), 100)} <code>${foreign(text.slice(at + 1), 200)}</code>`
}

/** The first digits of a hash, enough to tell it from others. */
export const shortHash = (hash: string): Html =>
  html`<code title="${printable(hash, 200)}">${printable(hash.replace(/^sha256[:-]/, '').slice(0, 12))}</code>`
