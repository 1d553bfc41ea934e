/** RECORDS.md: every field of every record, from the tables that records are written and read by. */
import { COLUMNS } from './columns.ts'
import type { Format } from './record.ts'
import { FORMAT, FORMATS, hashField, KINDS, SHAPES } from './schema.ts'
import type { Field, Said, Shape } from './shape.ts'

const HEAD = `# Records, field by field

Made from [\`schema.ts\`](schema.ts): a record has these fields in this order, no others, and one line of JSON. What is marked
with ○ may be absent. Records of format ${FORMAT} are written; those of ${FORMATS.filter((one) => one !== FORMAT).join(', ')} are read and proved as ever. A program that is older than
a record says so, and takes it for no record at all: it never guesses.
`

const COMMON = ['format', 'sidecar', 'sequence', 'time', 'kind', 'who', 'previous']

export function recordsPage(): string {
  const shapes = SHAPES.get(FORMAT) ?? new Map<unknown, Shape>()
  const [first = {}] = shapes.values()
  const common = Object.fromEntries(COMMON.map((name) => [name, first[name]] as const).filter(isField))
  const every = { ...common, kind: { ...common['kind'], is: 'text' }, hash: hashField } as Shape
  const parts = [HEAD, '## In every record\n', tableOf(every)]
  for (const [kind, { says, since }] of Object.entries(KINDS)) {
    const own = Object.entries(shapes.get(kind) ?? {}).filter(([name]) => !COMMON.includes(name))
    parts.push(`## \`${kind}\`\n`, `${sentence(says)}${sinceText(since)}\n`, tableOf(Object.fromEntries(own)))
  }
  parts.push('## As columns\n', COLUMNS_TEXT, columnsTable(), '## Formats\n', FORMATS_TEXT)
  return `${parts.join('\n')}`
}

const FORMATS_TEXT = `1. The first: \`start\`, \`end\`, \`credential\`, \`policy\`, \`open\`, \`close\`.
2. \`who.owner\`; \`admission\`, \`release\`, \`refusal\`, \`gap\`, \`view\`. A chain may begin in format 1 and go on in format 2.
`

const COLUMNS_TEXT = `In Parquet a record is one row, and start and end of an operation are two, as they came: \`sidecar\` and \`operation_id\` join
them. What a kind of record does not have is null. Hashes are in the chained lines alone, to which \`sidecar\` and \`sequence\` lead.
`

const columnsTable = (): string =>
  [
    '| column | type | filled by |',
    '| --- | --- | --- |',
    ...COLUMNS.map(
      ({ name, type, fields }) => `| \`${name}\` | ${type} | ${fields.map((one) => `\`${one}\``).join(', ')} |`,
    ),
    '',
  ].join('\n')

type Named = readonly [string, Field<unknown> & Said]
const isField = (entry: readonly [string, (Field<unknown> & Said) | undefined]): entry is Named =>
  entry[1] !== undefined

function tableOf(shape: Shape): string {
  const rows = rowsOf(shape).map(([name, { is, says, optional }]) => {
    return `| \`${name}\` | ${optional === true ? '○ ' : ''}${is} | ${says} |`
  })
  return ['| field | value | says |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

/** The fields of an object follow it, each by its whole name. */
const rowsOf = (shape: Shape, at = ''): readonly Named[] =>
  Object.entries(shape).flatMap(([name, field]): readonly Named[] => {
    const whole = `${at}${name}`
    return [[whole, field], ...(field.inner === undefined ? [] : rowsOf(field.inner, `${whole}.`))]
  })

const sentence = (says: string): string => `${says[0]?.toUpperCase()}${says.slice(1)}.`
const sinceText = (since: Format): string => (since === 1 ? '' : ` Since format ${since}.`)
