/** `kerbside audit query`: the newest records that match, as a table with the newest last, as the records themselves, or as a SIEM has them. */
import { InvalidArgumentError, Option } from 'commander'
import type { Filter } from '../../core/audit/filter.ts'
import { toLine } from '../../core/audit/line.ts'
import { noteText } from '../../core/audit/note-text.ts'
import { toOcsf } from '../../core/audit/ocsf.ts'
import { escapeUnits, printable } from '../../core/audit/printable.ts'
import { toRanger } from '../../core/audit/ranger.ts'
import type { AuditRecord, What, Why } from '../../core/audit/record.ts'
import type { Row } from '../../core/audit/row.ts'
import { OPERATION_NAMES } from '../../core/hdfs/operations.ts'
import { parseInstant } from '../../core/instant.ts'
import { nearest } from '../../core/nearest.ts'
import { searchRows } from '../../io/audit/rows.ts'
import { type CliCommand, EXIT, type Given } from '../command.ts'
import { counted } from '../policy/policies.ts'
import { type Terminal, table } from '../terminal.ts'

const DEFAULT_LIMIT = 50
const LONGEST_PATH = 100

export const auditQuery: CliCommand = {
  define: (command) =>
    command
      .argument('<directory...>', 'folders of records: of brokers, of sidecars, or copies of them')
      .option('--team <name>', 'of this team')
      .option('--identity <name>', 'of this identity')
      .addOption(new Option('--effect <effect>', 'with this decision').choices(['allow', 'deny']))
      .option('--operation <name>', 'of this WebHDFS operation, such as OPEN')
      .option('--path <path>', 'on this path or below it')
      .option('--since <time>', 'from this moment on, such as 2027-01-31T00:00:00Z', moment)
      .option('--until <time>', 'before this moment', moment)
      .option('--limit <count>', 'this many rows at most', wholeNumber, DEFAULT_LIMIT)
      .addOption(
        new Option('--format <format>', 'one record a line: as it stands, as OCSF has it, or as Ranger has it').choices(
          Object.keys(WRITERS),
        ),
      )
      .option('--json', 'the same as --format ndjson: start and end of an operation'),
  async run({ terminal, args, options }) {
    const limit = Number(options.get('limit'))
    const { rows, more, unreadable } = await searchRows(args.flat(), { filter: filterOf(options), limit })
    const oldestFirst = rows.toReversed()
    const write =
      WRITERS[options.get('json') === true ? 'ndjson' : ((options.get('format') as Format | undefined) ?? 'table')]
    if (write === undefined) printTable(terminal, oldestFirst)
    else for (const row of oldestFirst) for (const line of write(row)) terminal.out(line)
    if (unreadable > 0) {
      const count = counted(unreadable, 'line is no record', 'lines are no records')
      terminal.err(`${terminal.paint('yellow', count)}: \`kerbside audit verify\` says more`)
    }
    if (rows.length === 0) terminal.err(nothingFound(options.get('operation')))
    else if (more !== undefined) terminal.err(terminal.paint('dim', `the newest ${limit}; there may be more: --limit`))
    return rows.length === 0 ? EXIT.no : EXIT.yes
  },
}

type Format = 'ndjson' | 'ocsf' | 'ranger'

/** Every harmful character escaped, as in a record's own line. Ranger has no event for what is no operation. */
const WRITERS: Readonly<Record<string, (row: Row) => readonly string[]>> = {
  ndjson: (row) => recordsOf(row).map(toLine),
  ocsf: (row) => recordsOf(row).map((record) => escapeUnits(JSON.stringify(toOcsf(record)))),
  ranger(row) {
    const event = toRanger(row)
    return event === undefined ? [] : [escapeUnits(JSON.stringify(event))]
  },
} satisfies Record<Format, (row: Row) => readonly string[]>

function filterOf(options: Given['options']): Filter {
  const entries = [
    ['team', options.get('team')],
    ['identity', options.get('identity')],
    ['effect', options.get('effect')],
    ['operation', options.get('operation')],
    ['pathPrefix', options.get('path')],
    ['since', options.get('since')],
    ['until', options.get('until')],
  ]
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

const HEAD = ['TIME', 'POD', 'IDENTITY', 'OPERATION', 'DECISION', 'REASON', 'PATH', 'DATASET', 'BYTES', 'MS', 'STATUS']

function printTable(terminal: Terminal, rows: readonly Row[]): void {
  if (rows.length === 0) return
  const [head = '', ...lines] = table([HEAD, ...rows.map(cells)])
  terminal.out(terminal.paint('bold', head))
  for (const [index, line] of lines.entries()) {
    const row = rows[index]
    const isDenied = row?.of === 'operation' && row.start.why.effect === 'deny'
    terminal.out(isDenied ? terminal.paint('red', line) : row?.of === 'note' ? terminal.paint('dim', line) : line)
  }
}

function cells(row: Row): readonly string[] {
  if (row.of === 'note') {
    const told = printable(noteText(row.note), LONGEST_PATH)
    return [...placeOf(row.note), `(${row.note.kind})`, '', '', told, '', '', '', '']
  }
  if (row.of === 'orphan')
    return [...placeOf(row.end), operationOf(row.end.what), '?', 'no start record', ...endOf(row)]
  const { why, what } = row.start
  return [...placeOf(row.start), operationOf(what), why.effect, printable(reasonOf(why)), ...endOf(row)]
}

/** `granted (would be denied: denied-by-grant)`, with what is in shadow enforced. */
function reasonOf({ reason, shadow }: Why): string {
  if (shadow === undefined) return reason
  return `${reason} (would be ${shadow.effect === 'deny' ? 'denied' : 'allowed'}: ${shadow.reason})`
}

function placeOf({ time, who }: AuditRecord): readonly string[] {
  return [time, printable(`${who.namespace}/${who.pod}`, 50), printable(who.identity, 40)]
}

const operationOf = ({ operation }: What): string => printable(operation, 24)

function endOf(row: Exclude<Row, { of: 'note' }>): readonly string[] {
  const { path, destination, dataset = '' } = row.of === 'operation' ? row.start.what : row.end.what
  const paths = [path, ...(destination === undefined ? [] : [destination])].map((one) => printable(one, LONGEST_PATH))
  const end = row.end?.end
  const results =
    end === undefined
      ? ['', '', 'no end']
      : [
          String(end.bytesRead + end.bytesWritten),
          String(Math.round(end.durationMs)),
          `${end.status}${end.cut ? ' cut' : ''}`,
        ]
  return [paths.join(' → '), printable(dataset, 40), ...results]
}

function recordsOf(row: Row): readonly AuditRecord[] {
  if (row.of === 'note') return [row.note]
  if (row.of === 'orphan') return [row.end]
  return row.end === undefined ? [row.start] : [row.start, row.end]
}

function nothingFound(operation: unknown): string {
  const near = typeof operation === 'string' ? nearest(operation.toUpperCase(), OPERATION_NAMES) : undefined
  const isKnown = typeof operation === 'string' && OPERATION_NAMES.includes(operation.toUpperCase())
  return `nothing matches${near === undefined || isKnown ? '' : `\n  did you mean \`--operation ${near}\`?`}`
}

function moment(text: string): number {
  const instant = parseInstant(text)
  if (instant !== undefined) return instant
  throw new InvalidArgumentError('it is not a moment with its zone, such as `2027-01-31T00:00:00Z`')
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('it is not a whole number from 1')
}
