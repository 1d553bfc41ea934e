/** What nothing used, as a table for a person, Markdown for a pull request, JSON, or as nothing but the patch. */
import { printable } from '../../../core/audit/printable.ts'
import { formatInstant } from '../../../core/instant.ts'
import type { PolicyCase } from '../../../core/policy/bundle.ts'
import { KEEPS, type Unused } from '../../../core/policy/unused/unused.ts'
import { grouped } from '../../progress.ts'
import { type Terminal, table } from '../../terminal.ts'
import { counted } from '../policies.ts'

export const UNUSED_FORMATS = ['table', 'json', 'markdown', 'patch'] as const
export type UnusedFormat = (typeof UNUSED_FORMATS)[number]

type Answer = { readonly unused: Unused; readonly patch: string; readonly lost: readonly PolicyCase[] }
type About = { /** Of the policy. */ readonly directory: string; readonly paint: Terminal['paint'] }

export function writeUnused(format: UnusedFormat, answer: Answer, { directory, paint }: About): string {
  switch (format) {
    case 'json':
      return JSON.stringify(toJson(answer), null, 2)
    case 'markdown':
      return toMarkdown(answer).join('\n')
    case 'patch':
      // Whoever applies patches passes over lines before the first one.
      return answer.patch === ''
        ? ''
        : [...caveats(answer).map((line) => `# ${line}`), answer.patch.trimEnd()].join('\n')
    case 'table':
      return toTable(answer, directory, paint).join('\n')
  }
}

type Section = {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

function sectionsOf({ grants, actions, identities, denies, kept }: Unused): readonly Section[] {
  const named = ({ name, at }: { readonly name: string; readonly at: string }) => [printable(name), printable(at)]
  const partly = actions.map((one) => {
    const times = one.unused.flatMap(({ lastUsed }) => (lastUsed === undefined ? [] : [lastUsed]))
    const last = times.length === 0 ? undefined : Math.max(...times)
    return [...named(one), one.unused.map(({ action }) => action).join(', '), one.stay.join(', '), used(last)]
  })
  const sections = [
    {
      title: 'grants that nothing used',
      head: ['GRANT', 'AT', 'LAST USED'],
      rows: grants.map((one) => [...named(one), used(one.lastUsed)]),
    },
    {
      title: 'grants of which some actions were not used',
      head: ['GRANT', 'AT', 'NOT USED', 'STAY', 'LAST USED'],
      rows: partly,
    },
    {
      title: 'identities that nothing used',
      head: ['IDENTITY', 'AT', 'LAST USED'],
      rows: identities.map((one) => [...named(one), used(one.lastUsed)]),
    },
    {
      title: 'not used, and left alone',
      head: ['GRANT', 'AT', 'BECAUSE'],
      rows: kept.map((one) => [...named(one), KEEPS[one.because]]),
    },
    {
      title: 'denies that nothing ran into, which is no reason to lift them',
      head: ['GRANT', 'AT', 'LAST HIT'],
      rows: denies.map((one) => [...named(one), used(one.lastUsed)]),
    },
  ]
  return sections.filter(({ rows }) => rows.length > 0)
}

const used = (at: number | undefined): string => (at === undefined ? 'never, in these records' : formatInstant(at))

function toTable(answer: Answer, directory: string, paint: Terminal['paint']): readonly string[] {
  const lines = sectionsOf(answer.unused).flatMap(({ title, head, rows }) => {
    const [first = '', ...rest] = table([head, ...rows], '  ')
    return [`${title} (${grouped(rows.length)})`, paint('bold', first), ...rest, '']
  })
  const caution = caveats(answer).map((line) => paint('yellow', line))
  const next =
    answer.patch === '' ? [] : [paint('dim', `the patch: --output patch | patch -p1 -d ${printable(directory)}`)]
  return [...lines, ...caution, sumOf(answer.unused), ...next]
}

function toMarkdown(answer: Answer): readonly string[] {
  const lines = [`**${sumOf(answer.unused)}**`, '', ...caveats(answer).map((line) => `> ${escaped(line)}\n`)]
  for (const { title, head, rows } of sectionsOf(answer.unused)) {
    lines.push(`#### ${title.charAt(0).toUpperCase()}${title.slice(1)}`, '')
    lines.push(`| ${head.map((cell) => cell.toLowerCase()).join(' | ')} |`, `|${head.map(() => ' --- |').join('')}`)
    for (const row of rows) lines.push(`| ${row.map(escaped).join(' | ')} |`)
    lines.push('')
  }
  // Longer than any fence in it.
  const fence = '`'.repeat(Math.max(3, ...[...answer.patch.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)))
  return answer.patch === '' ? lines : [...lines, `${fence}diff`, answer.patch.trimEnd(), fence]
}

/** What the reader must know before the answer is acted on. */
function caveats({ unused: { since, coverage, inShadow }, lost }: Answer): readonly string[] {
  const { from, cutLogs, isWhole } = coverage
  const gaps = [
    ...(from !== undefined && from > since
      ? [`records begin at ${formatInstant(from)}, not at ${formatInstant(since)}`]
      : []),
    ...(cutLogs.length === 0
      ? []
      : [
          `of ${counted(cutLogs.length, 'sidecar')} the first records are not here, such as of ${printable(cutLogs[0] ?? '')}`,
        ]),
  ]
  const tests = lost.slice(0, 5).map(({ at }) => printable(at))
  return [
    ...(isWhole ? [] : [`incomplete: ${gaps.join('; ')}`]),
    ...(lost.length === 0
      ? []
      : [
          `${counted(lost.length, 'PolicyTest')} would fail after the patch: ${tests.join(', ')}${lost.length > tests.length ? ', …' : ''}`,
        ]),
    ...(inShadow === 0 ? [] : [`${counted(inShadow, 'grant')} left out: what is in shadow decides nothing`]),
  ]
}

function sumOf({ grants, actions, identities, since, coverage }: Unused): string {
  const found = [
    ...(grants.length === 0 ? [] : [counted(grants.length, 'grant')]),
    ...(actions.length === 0 ? [] : [`actions of ${counted(actions.length, 'grant')}`]),
    ...(identities.length === 0 ? [] : [counted(identities.length, 'identity', 'identities')]),
  ]
  const what = found.length === 0 ? 'all is used' : `not used: ${found.join(', ')}`
  return `${grouped(coverage.records)} records, since ${formatInstant(since)}: ${what}${coverage.isWhole ? '' : ' (incomplete)'}`
}

function toJson({ unused, patch, lost }: Answer): object {
  const times = new Set(['since', 'from', 'until', 'lastUsed'])
  const told = JSON.parse(
    JSON.stringify(unused, (key, value) =>
      times.has(key) && typeof value === 'number' ? formatInstant(value) : value,
    ),
  )
  return { ...told, lostTests: lost.map(({ at }) => at), patch }
}

/** None of it is markup, and none ends a cell. */
const escaped = (text: string): string => text.replace(/[\\`*_[\]<>|#&!~]/g, (mark) => `&#${mark.charCodeAt(0)};`)
