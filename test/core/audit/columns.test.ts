/** Every field of a record has its column, and DuckDB reads of a line what the record holds, whatever a client put into it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cell, COLUMNS, cellOf, WITHOUT_COLUMN } from '../../../src/core/audit/columns.ts'
import { columnExpressions, forDuckDb, lineColumns } from '../../../src/core/audit/columns-sql.ts'
import { toLine } from '../../../src/core/audit/line.ts'
import { FORMAT, SHAPES } from '../../../src/core/audit/schema.ts'
import type { Shape } from '../../../src/core/audit/shape.ts'
import { chained, HOSTILE, records, WHO } from './arbitrary.ts'

/** Whole names of all fields that hold a value. What a column takes as a whole is not looked into. */
const leavesOf = (shape: Shape, taken: ReadonlySet<string>, at = ''): readonly string[] =>
  Object.entries(shape).flatMap(([name, { inner }]) =>
    inner === undefined || taken.has(at + name) ? [at + name] : leavesOf(inner, taken, `${at}${name}.`),
  )

test('every field of every kind of record has one column, and every column a field', () => {
  const filling = COLUMNS.flatMap(({ fields }) => fields)
  const taken = new Set(filling)
  expect(taken.size).toBe(filling.length)
  const shapes = [...(SHAPES.get(FORMAT)?.values() ?? [])]
  const fields = new Set(shapes.flatMap((shape) => leavesOf(shape, taken)))
  for (const field of WITHOUT_COLUMN) fields.delete(field)
  expect([...fields].toSorted()).toEqual([...taken].toSorted())
})

test('no record has two fields of one column', () => {
  for (const [kind, shape] of SHAPES.get(FORMAT) ?? []) {
    const fields = leavesOf(shape, new Set())
    for (const column of COLUMNS) {
      const both = column.fields.filter((one) => fields.includes(one))
      expect(both.length, `${kind} ${column.name}`).toBeLessThan(2)
    }
  }
})

test('DuckDB reads of every line what its record holds', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-columns-'))
  const file = join(folder, 'lines.ndjson')
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  const read = `SELECT ${columnExpressions()} FROM read_json('${file}', format = 'newline_delimited', columns = ${lineColumns()})`
  try {
    await fc.assert(
      fc.asyncProperty(records(), async (some) => {
        writeFileSync(file, some.map((record) => `${forDuckDb(toLine(record))}\n`).join(''))
        const rows = (await connection.runAndReadAll(read)).getRowObjectsJS()
        const told = rows.map((row) => COLUMNS.map(({ name }) => [name, plain(row[name])]))
        expect(told).toEqual(some.map((record) => COLUMNS.map((one) => [one.name, expected(cellOf(record, one))])))
      }),
      { numRuns: 30 },
    )
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true })
  }
})

test('a line is given to DuckDB as it is, but for halves of surrogate pairs', () => {
  const of = (path: string) => {
    const what = { operationId: 'a', operation: 'OPEN', path }
    const why = { effect: 'allow', reason: 'granted', grants: [], bundle: '' } as const
    return toLine(chained([{ kind: 'start', who: WHO, what, why }])[0] as never)
  }
  for (const text of HOSTILE.filter((one) => one.isWellFormed())) expect(forDuckDb(of(text))).toBe(of(text))
  expect(forDuckDb(of('\ud800'))).toBe(of('\ud800').replace('\\ud800', '\\ufffd'))
  expect(forDuckDb(of('\\\udfff\ud800x\\ud800'))).toBe(
    of('\\\udfff\ud800x\\ud800').replace('\\\\\\udfff\\ud800x', '\\\\\\ufffd\\ufffdx'),
  )
})

/** What comes back from DuckDB, in the words of JavaScript. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (!Array.isArray(value)) return value ?? undefined
  const entries = value as readonly (string | { readonly key: string; readonly value: string })[]
  return entries.map((one) => (typeof one === 'string' ? one : [one.key, one.value]))
}

function expected(cell: Cell): unknown {
  if (typeof cell === 'string') return decoded(cell)
  if (Array.isArray(cell)) return cell.map(decoded)
  if (typeof cell !== 'object') return cell
  return Object.entries(cell).map(([name, value]) => [name, decoded(value)])
}

/** The client library drops a byte order mark at the beginning of a text, which the database keeps. */
const decoded = (text: string): string => text.toWellFormed().replace(/^\ufeff/, '')
