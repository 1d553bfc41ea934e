/** A difference of access, as a table for a person, Markdown for a pull request, or JSON. */
import { printable } from '../../../core/audit/printable.ts'
import { formatInstant } from '../../../core/instant.ts'
import type { AccessChange, Direction } from '../../../core/policy/access/change.ts'
import type { PolicyDiff } from '../../../core/policy/access/diff.ts'
import type { SettingChange } from '../../../core/policy/access/settings.ts'
import { actionWords } from '../../../core/policy/access/words.ts'
import { type Colour, type Terminal, table } from '../../terminal.ts'
import { escapeMarkdown, markdownTable } from '../ask/access-words.ts'
import { counted } from '../policies.ts'

export const DIFF_FORMATS = ['table', 'json', 'markdown'] as const
export type DiffFormat = (typeof DIFF_FORMATS)[number]

type About = { readonly before: string; readonly after: string; readonly paint: Terminal['paint'] }

export const isEmpty = ({ access, settings }: PolicyDiff): boolean => access.length + settings.length === 0

export function writeDiff(format: DiffFormat, diff: PolicyDiff, about: About): string {
  switch (format) {
    case 'json':
      return JSON.stringify(toJson(diff, about), undefined, 2)
    case 'markdown':
      return toMarkdown(diff, about).join('\n')
    case 'table':
      return toTable(diff, about).join('\n')
  }
}

const SIGNS: Readonly<Record<Direction, string>> = { gained: '+', lost: '-', changed: '?' }
const COLOURS: Readonly<Record<Direction, Colour>> = { gained: 'green', lost: 'red', changed: 'yellow' }
const KINDS: Readonly<Record<SettingChange['kind'], string>> = {
  mode: 'mode of the whole',
  use: 'pods that may be',
  stale: 'how long the last policy counts without a broker, for',
  secrets: 'who asks the secret store for',
  limits: 'limits of',
}
const HEAD = [' ', 'WHO', 'ACTIONS', 'WHERE', 'WAS', 'IS', 'BY']

function toTable(diff: PolicyDiff, { before, after, paint }: About): readonly string[] {
  const { access, settings } = diff
  const [head = '', ...rows] = table([HEAD, ...access.map((one) => [SIGNS[one.direction], ...cellsOf(one, diff)])])
  return [
    ...(access.length === 0 ? [] : [paint('bold', head)]),
    ...rows.map((row, index) => paint(COLOURS[access[index]?.direction ?? 'changed'], row)),
    ...settings.map((one) => paint('yellow', `! ${settingText(one)}`)),
    ...(isEmpty(diff) ? [] : ['']),
    `${printable(before)} → ${printable(after)}: ${summaryOf(diff)}`,
  ]
}

/** What a comment on a pull request can hold; the rest is for the command line. */
const MOST_ROWS = 150

function toMarkdown(diff: PolicyDiff, { before, after }: About): readonly string[] {
  const rows = diff.access.slice(0, MOST_ROWS)
  const left = diff.access.length - rows.length
  const titles: Readonly<Record<Direction, string>> = {
    gained: 'Gained',
    lost: 'Lost',
    changed: 'May have changed',
  }
  const tables = (['gained', 'lost', 'changed'] as const).flatMap((direction) => {
    const these = rows.filter((one) => one.direction === direction)
    if (these.length === 0) return []
    const cells = these.map((one) => cellsOf(one, diff))
    return ['', `#### ${titles[direction]}`, '', markdownTable(HEAD.slice(1), cells)]
  })
  return [
    `**Access: ${escapeMarkdown(summaryOf(diff))}** (${escapeMarkdown(before)} → ${escapeMarkdown(after)})`,
    ...tables,
    ...(left === 0 ? [] : ['', `… and ${counted(left, 'line')} more, which \`kerbside policy diff\` prints.`]),
    ...(diff.settings.length === 0
      ? []
      : ['', '#### Beside access', '', ...diff.settings.map((one) => `- ${escapeMarkdown(settingText(one))}`)]),
  ]
}

const MOST_NAMED = 3

function cellsOf(change: AccessChange, diff: PolicyDiff): readonly string[] {
  return [
    whoOf(change, diff),
    actionWords(change.actions),
    whereOf(change, diff),
    change.was,
    change.is,
    byOf(change),
  ].map((text) => printable(text))
}

function whoOf({ team, identity }: AccessChange, { teams, identities }: PolicyDiff): string {
  const note = ({ added, removed }: PolicyDiff['teams'], name: string) =>
    added.includes(name) ? ' (new)' : removed.includes(name) ? ' (gone)' : ''
  if (identity === undefined) return `${team}${note(teams, team)}`
  return `${team}/${identity}${note(identities, identity)}`
}

function whereOf({ kind, dataset, paths, isWhole, except, cluster }: AccessChange, { datasets }: PolicyDiff): string {
  const note = (name: string) =>
    datasets.added.includes(name) ? ' (new)' : datasets.removed.includes(name) ? ' (gone)' : ''
  const below =
    kind === 'access' ? '' : kind === 'root' ? ' itself, not what is below it' : ' to see it, since it leads there'
  const where =
    isWhole && dataset !== undefined ? `${dataset}${note(dataset)} ${paths.join(', ')}` : `${listed(paths)}${below}`
  const inside = isWhole || dataset === undefined ? '' : `, in ${dataset}${note(dataset)}`
  const but = except.length === 0 ? '' : `, except ${listed(except)}`
  return `${cluster}: ${where}${inside}${but}`
}

const listed = (all: readonly string[]): string =>
  all.length <= MOST_NAMED
    ? all.join(', ')
    : `${all.slice(0, MOST_NAMED).join(', ')} and ${all.length - MOST_NAMED} more`

function byOf({ causes, direction, kind }: AccessChange): string {
  if (kind === 'root') return 'protect of the dataset'
  return listed(
    causes.map(({ name, at, effect, side }) => {
      const isGone = (direction === 'gained') === (side === 'before')
      return `${effect === 'deny' ? 'deny ' : ''}${name}${isGone ? ' as it was' : ''} (${at})`
    }),
  )
}

function settingText({ kind, of, was, is }: SettingChange): string {
  if (kind !== 'use') return printable(`${KINDS[kind]} ${of}: was ${was}, is ${is}`)
  const parts = [...(is === '' ? [] : [`now ${is}`]), ...(was === '' ? [] : [`no longer ${was}`])]
  return printable(`${KINDS.use} ${of}: ${parts.join('; ')}`)
}

function summaryOf({ access, settings, teams, datasets }: PolicyDiff): string {
  const count = (direction: Direction) => access.filter((one) => one.direction === direction).length
  const names = (what: string, { added, removed }: PolicyDiff['teams']) => [
    ...(added.length === 0 ? [] : [`${counted(added.length, what)} new`]),
    ...(removed.length === 0 ? [] : [`${counted(removed.length, what)} gone`]),
  ]
  const parts = [
    ...(count('gained') + count('lost') === 0 ? [] : [`${count('gained')} gained`, `${count('lost')} lost`]),
    ...(count('changed') === 0 ? [] : [`${count('changed')} may have changed`]),
    ...(settings.length === 0 ? [] : [`${settings.length} beside access`]),
  ]
  return [
    ...(parts.length === 0 ? ['nobody may do more or less'] : parts),
    ...names('team', teams),
    ...names('dataset', datasets),
  ].join(', ')
}

function toJson(diff: PolicyDiff, { before, after }: About): object {
  const access = diff.access.map(({ witness, ...change }) => {
    if (witness === undefined) return change
    const { time, pod, ...rest } = witness
    const labels = pod.labels === undefined ? {} : { podLabels: Object.fromEntries(pod.labels) }
    const namespace = pod.namespace === undefined ? {} : { namespace: pod.namespace }
    return { ...change, witness: { ...rest, time: formatInstant(time), ...namespace, ...labels } }
  })
  return { before, after, ...diff, access }
}
