/** What strangers sent, through every form in which records leave: a line stays a line, a terminal obeys nothing, and whoever parses it has the text itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toLogRecord } from '../../src/core/audit/otlp.ts'
import type { What } from '../../src/core/audit/record.ts'
import { directoryPlace } from '../../src/export/parquet/directory-place.ts'
import { parquetSink } from '../../src/export/sinks/parquet.ts'
import { stdoutSink } from '../../src/export/sinks/stdout.ts'
import { HOSTILE } from '../core/audit/arbitrary.ts'
import { ask } from '../export/rows.ts'
import { chained, NOON, start, writeLog } from '../io/audit/logs.ts'
import { runCli } from './run-cli.ts'

/** Eight thousand bytes, bytes that were no UTF-8 as Node gives them, what spreadsheets and SQL would run. */
const TEXTS = [
  ...HOSTILE,
  'x'.repeat(8000),
  '\u202e'.repeat(2666),
  Buffer.from([0x2f, 0xff, 0xfe, 0xc3, 0x28]).toString(),
  '=HYPERLINK("http://x","y")',
  '@SUM(1+1)*cmd|',
  "'; DROP TABLE records; --",
]
const entries = TEXTS.map((text, at) => {
  const names = { team: text, identity: text, principal: text, namespace: text, pod: text, serviceAccount: text }
  const what = { path: `/${text}`, destination: text, dataset: text, client: text, operation: text }
  return { at, entry: start(text, { who: { ...names, node: text, owner: { kind: text, name: text } }, what }) }
})
const { records, lines } = chained('pod-a', entries)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-formats-'))
  writeLog(folder, 'pod-a', lines)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One line for each record, in none of which stands anything but what is shown. */
function shown(text: string): readonly string[] {
  const all = text.trimEnd().split('\n')
  for (const line of all) expect(line).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}\ufeff]*$/u)
  return all
}
const query = async (...args: string[]) =>
  shown((await runCli(['audit', 'query', folder, '--limit', '500', ...args])).out)
const paths = TEXTS.map((text) => `/${text}`)

it('the table has a row for each, and none is longer than a terminal can bear', async () => {
  const [, ...rows] = await query()
  expect(rows).toHaveLength(TEXTS.length)
  for (const row of rows) expect(row.trimEnd().length).toBeLessThan(2000)
})

const PATH_IN: Record<string, (event: { what: What; file: { path: string }; resource: string }) => string> = {
  ndjson: ({ what }) => what.path,
  ocsf: ({ file }) => file.path,
  ranger: ({ resource }) => resource,
}
it.each(Object.entries(PATH_IN))('%s has an object a line, with the text as it was', async (format, pathOf) => {
  const events = (await query('--format', format)).map((line) => JSON.parse(line))
  expect(events.map(pathOf)).toEqual(paths)
})

const batch = {
  number: 1,
  records: records.map((record, at) => ({ record, day: '2026-03-02', line: lines[at] ?? '' })),
}

it('standard output has the lines themselves', async () => {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  await stdoutSink(stream).write(batch)
  expect(shown(chunks.join(''))).toEqual(lines)
})

it('OTLP has the text as an attribute, and the line as it is chained', () => {
  const logged = batch.records.map(({ record, line }) => toLogRecord(record, line, NOON))
  const again = JSON.parse(JSON.stringify(logged)) as typeof logged
  expect(again.map(({ body }) => Object(body).stringValue)).toEqual(lines)
  const attribute = (one: (typeof again)[number], name: string) =>
    Object(one.attributes.find(({ key }) => key === name)?.value).stringValue
  expect(again.map((one) => attribute(one, 'kerbside.path'))).toEqual(paths.map((path) => path.toWellFormed()))
})

it('Parquet has it in its cell, and is a file that can be read', async () => {
  const lake = join(folder, 'lake')
  const sink = parquetSink({
    place: directoryPlace(lake, 'one'),
    name: 'one',
    everyMs: 1,
    retentionDays: undefined,
    clock: () => NOON,
  })
  await sink.resume(0)
  await sink.write(batch)
  await sink.close()
  const rows = await ask(lake, 'SELECT sequence, path, client, team, pod, owner_name FROM records ORDER BY sequence')
  expect(rows.map(({ path }) => path)).toEqual(paths.map((path) => path.toWellFormed()))
  // The driver takes a byte order mark at the very beginning for none of the text.
  const told = TEXTS.map((text) => text.toWellFormed().replace(/^\ufeff/, ''))
  for (const column of ['client', 'team', 'pod', 'owner_name']) expect(rows.map((row) => row[column])).toEqual(told)
})
