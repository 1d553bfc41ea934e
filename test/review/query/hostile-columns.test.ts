/**
 * What strangers wrote, in every text column there is, on every page and in every export. Columns come from the schema of records: one
 * that is added is looked at here as well, and until something fills it this fails.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COLUMNS, type Column, cellOf } from '../../../src/core/audit/columns.ts'
import type { AuditRecord, Entry } from '../../../src/core/audit/record.ts'
import { KINDS as KNOWN } from '../../../src/core/audit/schema.ts'
import { entry } from '../../core/audit/arbitrary.ts'
import { type InProcess, inProcess } from '../in-process.ts'
import { fileOf, NOW, written } from './written.ts'

/** Each is a way out of the place where a text stands. */
const TEXTS: Readonly<Record<string, string>> = {
  html: `<x-h a='b'>"'\`&--><script>alert(1)</script>`,
  attribute: `" onmouseover="alert(1)" x='`,
  terminal: 'n1\nn2\r\u2028\u001b[2J\u009b31m\u0007\u007f',
  direction: '\u202egnp.\u2066x\u2069\u200f',
  sql: "'; DROP TABLE tail; --",
  formula: '=HYPERLINK("http://x","y")',
  spaced: ' \t@SUM(A1)',
  surrogate: 'a\ud800b',
  long: 'ü'.repeat(4000),
}
const KINDS = Object.keys(KNOWN) as Entry['kind'][]
const isText = ({ type }: Column): boolean => type === 'VARCHAR' || type === 'VARCHAR[]' || type.startsWith('MAP')
/** Columns of {@link APART}. */
const TOLD_BY = ['kind', 'sidecar', 'effect']

const marked = (text: string, column: string): string => `${text}[${column}]`

/** A line of each kind with every field that it can have, each text made hostile: what its writer would refuse, a stranger writes. */
function linesWith(text: string, sidecar: string): readonly string[] {
  return written(WHOLE, sidecar).lines.map((line) => JSON.stringify(made(JSON.parse(line), text, [])))
}

const samples = fc.sample(entry, { numRuns: 400, seed: 3 })
const WHOLE = KINDS.map((kind) =>
  samples.filter((one) => one.kind === kind).reduce((all, one) => merged(all, one) as Entry),
)

function merged(one: unknown, other: unknown): object {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(one) || !isObject(other)) return other as object
  const names = [...Object.keys(one), ...Object.keys(other)]
  return Object.fromEntries(
    names.map((name) => [name, Object.hasOwn(other, name) ? merged(one[name], other[name]) : one[name]]),
  )
}

/** Of these a hostile one makes it a record of no kind or chain: each is made hostile by itself, in records of its own. */
const APART: readonly string[] = ['kind', 'sidecar', 'why.effect', 'admission.effect', 'view.effect']
const KEPT: readonly string[] = [...APART, 'time', 'previous', 'hash']

function made(value: unknown, text: string, at: readonly string[]): unknown {
  const field = at.join('.')
  const column = COLUMNS.find(({ fields }) => fields.includes(field))?.name
  if (KEPT.includes(field)) return field.endsWith('effect') ? 'deny' : value
  if (typeof value === 'string') return marked(text, column ?? field)
  if (Array.isArray(value)) return [marked(text, column ?? field)]
  if (typeof value !== 'object' || value === null) return value
  if (column !== undefined) return { overwrite: marked(text, column) }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, made(inner, text, [...at, name])]))
}

const logs = Object.entries(TEXTS).map(([name, text]) => {
  const lines = linesWith(text, `pod-${name}`)
  return { name, text, lines, records: lines.map((line) => JSON.parse(line) as AuditRecord) }
})
const records: readonly AuditRecord[] = logs.flatMap((log) => log.records)
let review: InProcess

beforeAll(async () => {
  const fill = (directory: string) => {
    mkdirSync(directory, { recursive: true })
    for (const { name, lines } of logs) writeFileSync(join(directory, `pod-${name}-0.ndjson`), fileOf(lines))
    for (const [number, field] of APART.entries()) {
      const lines = Object.values(TEXTS).flatMap((text, index) =>
        linesWith('plain', `apart-${number}-${index}`).map((line) => withField(line, field, marked(text, field))),
      )
      writeFileSync(join(directory, `apart-${number}-0.ndjson`), fileOf(lines))
    }
  }
  review = await inProcess({ clock: () => NOW + 1, policy: 'policies', fill })
}, 180_000)
afterAll(() => review?.close())

function withField(line: string, field: string, text: string): string {
  const record = JSON.parse(line)
  const names = field.split('.')
  const last = names.pop() ?? ''
  const inner = names.reduce((at, name) => at?.[name], record)
  if (inner !== undefined && Object.hasOwn(inner, last)) inner[last] = text
  return JSON.stringify(record)
}

async function get(path: string): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(review.url + path, { headers: { accept: 'text/html' } })
  return { status: answer.status, body: await answer.text() }
}

const linkTo = (path: string, pairs: Readonly<Record<string, string>>): string =>
  `${path}?${new URLSearchParams(pairs)}`
const PAGES: readonly string[] = [
  ...['/', '/?last=24h', '/?last=30d', '/records', '/policy', '/verify', '/views'],
  ...KINDS.map((kind) => `/records?kind=${kind}`),
  ...logs.flatMap(({ text, records: [first] }) => {
    const { team, namespace, owner } = first?.who ?? { team: '', namespace: '' }
    const { kind = '', name = '' } = owner ?? {}
    return [
      linkTo('/records', { team, namespace: String(namespace), kind: 'start' }),
      linkTo('/records', { path: marked(text, 'path') }),
      linkTo('/records', { text }),
      linkTo('/', { of: team, last: '30d' }),
      linkTo('/dataset', { name: marked(text, 'dataset') }),
      linkTo('/job', { namespace, kind, name }),
      linkTo('/policy/diff', { before: text, after: text }),
    ]
  }),
  ...logs.flatMap((log) => log.records.map(({ sequence }) => `/record/pod-${log.name}/${sequence}`)),
  ...logs.flatMap((log) =>
    log.records.flatMap(({ kind, sequence }) => (kind === 'start' ? [`/denial/pod-${log.name}/${sequence}`] : [])),
  ),
]

test('every text column is filled with every one of the texts', () => {
  const seen = COLUMNS.filter(isText).flatMap((column) =>
    Object.values(TEXTS).filter((text) =>
      records.some((record) =>
        JSON.stringify(cellOf(record, column) ?? '').includes(quoted(marked(text, column.name))),
      ),
    ),
  )
  const missing = COLUMNS.filter(isText).length - TOLD_BY.length
  expect(seen.length).toBe(missing * Object.keys(TEXTS).length)
})
const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

test('no page lets any of it out of the place where it stands', { timeout: 180_000 }, async () => {
  const shown = new Set<string>()
  for (const link of PAGES) {
    const { status, body } = await get(link)
    const path = link.slice(0, 200)
    // Longer than Node reads: refused before it is a link of ours.
    if (link.length > LONGEST_LINK) expect([path, status]).toEqual([path, 431])
    else expect([path, [200, 400, 404].includes(status)]).toEqual([path, true])
    // A field holds what was typed into it, so that it is asked for again as it is.
    const told = body.replace(/ value="[^"<>]*"/g, '')
    const wild = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200f\u2028\u202a-\u202e\u2066-\u2069]|n1\s*n2/.exec(told)
    expect([path, wild === null ? '' : told.slice(Math.max(0, wild.index - 80), wild.index + 40)]).toEqual([path, ''])
    expect([path, strayIn(body)]).toEqual([path, ''])
    for (const { name } of COLUMNS) if (body.includes(`[${name}]`)) shown.add(name)
  }
  const never = COLUMNS.filter((column) => isText(column) && !shown.has(column.name)).map(({ name }) => name)
  expect(never.filter((name) => !TOLD_BY.includes(name))).toEqual(IN_LINES)
})

/** Shown as a part of the line alone, and a line that says such things is no record that could be shown. */
const IN_LINES = ['operation_id', 'shadow_effect', 'shadow_reason', 'shadow_grants', 'upload', 'admission_review']
const LONGEST_LINK = 130_000

/** What is left when each tag that we write is taken out, and holds what no text may: the beginning or end of one, or an attribute of it. */
function strayIn(body: string): string {
  const tag = /<\/?[a-z][a-z0-9-]*(?:\s+[a-z][a-zA-Z-]*(?:="[^"<>]*")?)*\s*\/?>/g
  const tags = [...body.matchAll(tag)].map(([one]) => one)
  const bad = tags.find(
    (one) => /^<x-h|^<script(?! src="\/page\.js")/.test(one) || /\son[a-z]/.test(one.replaceAll(/="[^"]*"/g, '')),
  )
  const rest = body.replace(/^<!doctype html>/i, '').replaceAll(tag, '')
  return bad ?? /.{0,60}[<>].{0,60}/.exec(rest)?.[0] ?? ''
}

test('an export says each of them as it was written, and no cell of CSV begins like a formula', {
  timeout: 180_000,
}, async () => {
  const kinds = KINDS.map((kind) => `kind=${kind}`).join('&')
  const lines = (await get(`/records/export?format=ndjson&${kinds}`)).body.trimEnd().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  for (const record of records)
    for (const column of COLUMNS.filter(isText)) {
      const row = rows.find(
        ({ sidecar, sequence }) => sidecar === record.sidecar && Number(sequence) === record.sequence,
      )
      const cell = cellOf(record, column)
      expect([column.name, row?.[column.name] ?? undefined]).toEqual([column.name, wellFormed(cell)])
    }
  const csv = (await get(`/records/export?format=csv&${kinds}`)).body
  const cells = [...csv.matchAll(/(?:^|[,\n])(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
    ([, inQuotes, plain = '']) => inQuotes?.replaceAll('""', '"') ?? plain,
  )
  expect(cells.length).toBeGreaterThanOrEqual(records.length * COLUMNS.length)
  expect(cells.filter((cell) => /^\s*[=+\-@]|^[\t\r\n]/.test(cell))).toEqual([])
  for (const { name } of COLUMNS.filter(isText))
    if (!TOLD_BY.includes(name)) expect([name, csv.includes(`[${name}]`)]).toEqual([name, true])
})

test('an export in Parquet says each of them as it was written', { timeout: 180_000 }, async () => {
  const kinds = KINDS.map((kind) => `kind=${kind}`).join('&')
  const answer = await fetch(`${review.url}/records/export?format=parquet&${kinds}`)
  const file = join(review.directory, 'exported.parquet')
  writeFileSync(file, new Uint8Array(await answer.arrayBuffer()))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  // As JSON, since a client of the database has other shapes for lists and maps.
  const columns = COLUMNS.filter(isText).map(({ name }) => `to_json("${name}")::VARCHAR AS "${name}"`)
  const read = await connection.runAndReadAll(
    `SELECT "sidecar" AS of, "sequence"::DOUBLE AS number, ${columns.join(', ')} FROM read_parquet($1)`,
    [file],
  )
  const rows = new Map(read.getRowObjectsJson().map((row) => [`${row['of']} ${row['number']}`, row]))
  connection.closeSync()
  instance.closeSync()
  for (const record of records)
    for (const column of COLUMNS.filter(isText)) {
      const said = rows.get(`${record.sidecar} ${record.sequence}`)?.[column.name]
      const cell = wellFormed(cellOf(record, column))
      expect([column.name, typeof said === 'string' ? JSON.parse(said) : undefined]).toEqual([column.name, cell])
    }
})

test('rows that come while one looks are as harmless as those of the page', { timeout: 180_000 }, async () => {
  const kinds = KINDS.map((kind) => `kind=${kind}`).join('&')
  const ending = new AbortController()
  const answer = await fetch(`${review.url}/records/tail?${kinds}`, { signal: ending.signal })
  const coming = linesOf(answer)
  const rows: string[] = []
  // Text by text, as of many at once the oldest are left out.
  for (const [name, text] of Object.entries(TEXTS)) {
    writeFileSync(join(review.directory, `tail-${name}-0.ndjson`), fileOf(linesWith(text, `tail-${name}`)))
    await review.asking.look()
    const own: string[] = []
    while (own.length < KINDS.length) {
      const { done, value } = await coming.next()
      if (done === true) throw new Error(`the stream ended after ${own.length} rows of ${name}`)
      if (value.startsWith('data: "')) own.push(JSON.parse(value.slice(6)))
    }
    // Of what is longer than a row, its end is not shown.
    for (const column of name === 'long' ? [] : ['path', 'namespace', 'identity'])
      expect([name, column, own.join().includes(`[${column}]`)]).toEqual([name, column, true])
    rows.push(...own)
  }
  ending.abort()
  for (const row of rows) {
    expect(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200f\u2028\u202a-\u202e\u2066-\u2069]|n1\s*n2/.exec(row),
    ).toBeNull()
    expect(strayIn(row)).toBe('')
  }
})
async function* linesOf({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let begun = ''
  for await (const piece of body ?? []) {
    const lines = (begun + decoder.decode(piece, { stream: true })).split('\n')
    begun = lines.pop() ?? ''
    yield* lines
  }
}

/** Half of a surrogate pair has no UTF-8. */
function wellFormed(cell: unknown): unknown {
  if (typeof cell === 'string') return cell.toWellFormed()
  if (Array.isArray(cell)) return cell.map(wellFormed)
  if (typeof cell !== 'object' || cell === null) return cell
  return Object.fromEntries(Object.entries(cell).map(([name, value]) => [name, wellFormed(value)]))
}
