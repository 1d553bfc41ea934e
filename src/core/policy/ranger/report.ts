/** The report of an import as text: for a person, for a ticket (Markdown), for a program (JSON). */
import { printable } from '../../audit/printable.ts'
import type { Entry } from './entry.ts'
import { isExact } from './entry.ts'
import type { Extent } from './extent.ts'
import type { Imported } from './import-ranger.ts'
import { type Status, sentenceOf } from './reasons.ts'

export const REPORT_FORMATS = ['table', 'json', 'markdown'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** @param paint colours the word of a status */
export function writeReport(
  format: ReportFormat,
  { entries }: Pick<Imported, 'entries'>,
  paint: (status: Status, text: string) => string = (_, text) => text,
): string {
  if (format === 'json') return JSON.stringify(entries, undefined, 2)
  return format === 'markdown' ? toMarkdown(entries) : toTable(entries, paint)
}

/** `9 policies: 6 carried, 2 in part, 1 not carried; 3 ignored`. */
export function summaryOfImport({ entries }: Pick<Imported, 'entries'>): string {
  const counts = { carried: 0, part: 0, not: 0, ignored: 0 }
  for (const { about } of byPolicy(entries)) {
    const isSaid = about.some(({ status }) => status === 'carried')
    if (about.every(({ status }) => status === 'ignored')) counts.ignored++
    else if (about.every(isExact)) counts.carried++
    else if (isSaid) counts.part++
    else counts.not++
  }
  const { carried, part, not, ignored } = counts
  const policies = carried + part + not
  const said = `${policies} ${policies === 1 ? 'policy' : 'policies'}: ${carried} carried, ${part} in part, ${not} not carried`
  return ignored === 0 ? said : `${said}; ${ignored} ignored`
}

type About = { readonly title: string; readonly about: readonly Entry[] }

function byPolicy(entries: readonly Entry[]): readonly About[] {
  const titleOf = ({ policy: { id, name } }: Entry) => (id === undefined ? name : `${id} ${name}`)
  return [...Map.groupBy(entries, titleOf)].map(([title, about]) => ({ title, about }))
}

/** One thing that is said, with all to whom it applies. */
function rowsOf(about: readonly Entry[]): readonly { status: Status; who: string; what: string }[] {
  const key = ({ status, effect, reason, because, extents, grants }: Entry) =>
    JSON.stringify([status, effect, reason, because, extents, grants])
  return [...Map.groupBy(about, key).values()].flatMap((alike) => {
    const [first] = alike
    return first === undefined
      ? []
      : [{ status: first.status, who: alike.map(({ who }) => who).join(', '), what: whatOf(first) }]
  })
}

function whatOf({ status, effect, reason, because, extents, grants }: Entry): string {
  if (status === 'carried') return `grant ${grants.join(', ')}`
  const cause = because === undefined ? '' : ` (${because})`
  const where = extents.length === 0 ? '' : `, ${extents.map(placeOf).join(', ')}`
  const sentence = reason === undefined ? '' : `${reason}: ${sentenceOf(reason)}`
  return `${effect === undefined ? '' : `${effect}${where}; `}${sentence}${cause}${effect === undefined ? where : ''}`
}

const placeOf = ({ path, reach }: Extent): string => {
  const below = `${path === '/' ? '' : path}/**`
  return { tree: `${path} and below`, below, self: path, unclear: `somewhere at or below ${path}` }[reach]
}

const WORDS: Readonly<Record<Status, string>> = {
  carried: 'carried',
  'not-carried': 'not carried',
  stricter: 'stricter',
  wider: 'wider',
  ignored: 'ignored',
}
const WIDEST_WORD = Math.max(...Object.values(WORDS).map((word) => word.length))

function toTable(entries: readonly Entry[], paint: (status: Status, text: string) => string): string {
  return byPolicy(entries)
    .flatMap(({ title, about }) => [
      printable(title),
      ...rowsOf(about).map(({ status, who, what }) => {
        const subject = who === '' ? '' : `${printable(who)}  `
        return `  ${paint(status, WORDS[status].padEnd(WIDEST_WORD))}  ${subject}${printable(what)}`
      }),
    ])
    .join('\n')
}

function toMarkdown(entries: readonly Entry[]): string {
  const cell = (text: string) => printable(text).replaceAll(/[|\\<]/g, (sign) => (sign === '<' ? '&lt;' : `\\${sign}`))
  const rows = byPolicy(entries).flatMap(({ title, about }) =>
    rowsOf(about).map(({ status, who, what }) => `| ${[title, WORDS[status], who, what].map(cell).join(' | ')} |`),
  )
  return ['| policy | | for | what |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
