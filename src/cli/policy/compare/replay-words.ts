/** What a replay found, as a table for a person, Markdown for a pull request, or JSON. */
import { printable } from '../../../core/audit/printable.ts'
import { formatInstant } from '../../../core/instant.ts'
import { UNKNOWNS, type Unknown } from '../../../core/policy/replay/put.ts'
import { type Change, type Group, isFlip, type Replayed } from '../../../core/policy/replay/replay.ts'
import { grouped } from '../../progress.ts'
import { type Colour, type Terminal, table } from '../../terminal.ts'
import { counted } from '../policies.ts'

export const REPLAY_FORMATS = ['table', 'json', 'markdown'] as const
export type ReplayFormat = (typeof REPLAY_FORMATS)[number]

type About = { /** Of the policy. */ readonly directory: string; readonly paint: Terminal['paint'] }

export function writeReplay(format: ReplayFormat, replayed: Replayed, about: About): string {
  switch (format) {
    case 'json':
      return JSON.stringify(toJson(replayed), null, 2)
    case 'markdown':
      return toMarkdown(replayed).join('\n')
    case 'table':
      return toTable(replayed, about).join('\n')
  }
}

const TITLES: Readonly<Record<Change, string>> = {
  'allow-to-deny': 'was allowed, would be denied',
  'deny-to-allow': 'was denied, would be allowed',
  'depends-on-pod-labels': 'cannot be told: labels of the pod',
  'depends-on-parameters': 'cannot be told: parameters',
  'depends-on-file-size': 'cannot be told: size of the file',
}
const COLOURS: Readonly<Record<Change, Colour>> = {
  'allow-to-deny': 'red',
  'deny-to-allow': 'yellow',
  'depends-on-pod-labels': 'dim',
  'depends-on-parameters': 'dim',
  'depends-on-file-size': 'dim',
}
const HEAD = ['TEAM', 'DATASET', 'OPERATION', 'COUNT', 'FIRST', 'LAST']
const LONGEST_PATH = 100
const LONGEST_NAME = 60

function toTable(replayed: Replayed, { directory, paint }: About): readonly string[] {
  const lines: string[] = []
  for (const [change, groups] of byChange(replayed)) {
    const sum = groups.reduce((total, { count }) => total + count, 0)
    lines.push(`${paint(COLOURS[change], TITLES[change])} (${grouped(sum)})`)
    if (reasonOf(change) !== undefined) lines.push(paint('dim', `  ${reasonOf(change)}`))
    const [head = '', ...rows] = table([HEAD, ...groups.map(cellsOf)], '  ')
    lines.push(paint('bold', head))
    for (const [index, row] of rows.entries()) {
      const group = groups[index]
      lines.push(row, ...(group === undefined ? [] : exampleOf(group).map((line) => paint('dim', `    ${line}`))))
    }
    lines.push('')
  }
  return [...lines, ...notesOf(replayed), sumOf(replayed, `policy in \`${directory}\``)]
}

function toMarkdown(replayed: Replayed): readonly string[] {
  const lines = [`**${sumOf(replayed, 'this policy')}**`, '']
  for (const [change, groups] of byChange(replayed)) {
    lines.push(`#### ${sentence(TITLES[change])}`, '')
    if (reasonOf(change) !== undefined) lines.push(`${sentence(reasonOf(change) ?? '')}.`, '')
    lines.push(
      '| team | dataset | operation | count | first | last | such as |',
      '| --- | --- | --- | ---: | --- | --- | --- |',
    )
    for (const group of groups) {
      const example = exampleOf(group).map(escaped).join('<br>')
      lines.push(`| ${[...cellsOf(group).map(escaped), example].join(' | ')} |`)
    }
    lines.push('')
  }
  return [...lines, ...notesOf(replayed).map((note) => `- ${escaped(note)}`)]
}

const byChange = ({ groups }: Replayed): readonly (readonly [Change, readonly Group[]])[] => [
  ...Map.groupBy(groups, ({ change }) => change),
]

function cellsOf({ team, dataset = '–', operation, count, first, last }: Group): readonly string[] {
  const names = [team, dataset, operation].map((name) => printable(name, LONGEST_NAME))
  return [...names, grouped(count), formatInstant(first), formatInstant(last)]
}

function exampleOf({ example }: Group): readonly string[] {
  const { identity, path, destination, recorded, now, sidecar, sequence, at } = example
  const to = destination === undefined ? '' : ` → ${printable(destination, LONGEST_PATH)}`
  const by = (grants: readonly string[]) => (grants.length === 0 ? '' : ` by ${printable(grants.join(', '), 200)}`)
  return [
    `${printable(path, LONGEST_PATH)}${to}, by ${printable(identity, LONGEST_NAME)}`,
    `was ${printable(recorded.reason)}${by(recorded.grants)}; would be ${now.reason}${by(now.grants)}`,
    `record ${sequence} of ${sidecar}, at ${printable(at, 200)}`,
  ]
}

function reasonOf(change: Change): string | undefined {
  const unknown = change.replace('depends-on-', '')
  return isFlip({ change }) ? undefined : UNKNOWNS[unknown as Unknown]
}

function notesOf({ groups, unknownIdentities }: Replayed): readonly string[] {
  const ofThisBundle = groups.filter(isFlip).reduce((sum, group) => sum + group.ofThisBundle, 0)
  return [
    ...(unknownIdentities.length === 0
      ? []
      : [`identities that the policy does not have: ${printable(unknownIdentities.join(', '), 500)}`]),
    ...(ofThisBundle === 0
      ? []
      : [
          `${counted(ofThisBundle, 'flip')} of records that this very bundle decided: a finding, since the same policy gave another answer (a clock, labels of a pod, a size, or a fault)`,
        ]),
  ]
}

function sumOf({ records, operations, groups, from, until }: Replayed, policy: string): string {
  const count = (change: Change) =>
    groups.filter((group) => group.change === change).reduce((sum, group) => sum + group.count, 0)
  const unsure = groups.filter((group) => !isFlip(group)).reduce((sum, group) => sum + group.count, 0)
  const period =
    from === undefined || until === undefined ? '' : ` from ${formatInstant(from)} to ${formatInstant(until)}`
  const flips =
    count('allow-to-deny') + count('deny-to-allow') === 0
      ? 'nothing flips'
      : `${grouped(count('allow-to-deny'))} would be denied, ${grouped(count('deny-to-allow'))} would be allowed`
  const open = unsure === 0 ? '' : `, ${grouped(unsure)} cannot be told`
  return `${grouped(operations)} operations in ${grouped(records)} records${period} under the ${policy}: ${flips}${open}`
}

function toJson(replayed: Replayed): object {
  const time = (at: number | undefined) => (at === undefined ? undefined : formatInstant(at))
  return {
    ...replayed,
    from: time(replayed.from),
    until: time(replayed.until),
    groups: replayed.groups.map((group) => ({ ...group, first: time(group.first), last: time(group.last) })),
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** Names and paths are strangers' text: none of it is markup, and none ends a cell. */
const escaped = (text: string): string => text.replace(/[\\`*_[\]<>|#&!~]/g, (mark) => `&#${mark.charCodeAt(0)};`)
