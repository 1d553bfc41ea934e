/** Rows found by reading back from the ends of logs are those that reading everything finds. */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Filter } from '../../../src/core/audit/filter.ts'
import { matches } from '../../../src/core/audit/filter.ts'
import type { AuditRecord } from '../../../src/core/audit/record.ts'
import type { Row } from '../../../src/core/audit/row.ts'
import { recordOf } from '../../../src/core/audit/row.ts'
import type { Place } from '../../../src/io/audit/rows.ts'
import { searchRows } from '../../../src/io/audit/rows.ts'
import { chained, denied, end, NOON, start, type Timed, who, writeLog } from './logs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-rows-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const search = (filter: Filter = {}, limit = 1000) => searchRows(directory, { filter, limit })
const ids = (rows: readonly Row[]) =>
  rows.map((row) => (row.of === 'note' ? row.note.kind : row.of === 'orphan' ? '?' : row.start.what.operationId))

describe('rows', () => {
  it('join start and end, newest start first, over all sidecars', async () => {
    write('a', [op('a1', 0), op('a2', 20)])
    write('b', [op('b1', 10, { end: undefined }), op('b2', 30)])
    const { rows, more, lines } = await search()
    expect(ids(rows)).toEqual(['b2', 'a2', 'b1', 'a1'])
    expect(rows.map((row) => row.of === 'operation' && row.end?.end.status)).toEqual([200, 200, undefined, 200])
    expect([more, lines]).toEqual([undefined, 7])
  })

  it('show an end without its start, and a note, for what they are', async () => {
    write('a', [
      { at: 0, entry: { kind: 'open', who: who(), detail: 'started' } },
      { at: 1, entry: end('lost') },
    ])
    const { rows } = await search()
    expect(rows.map(({ of }) => of)).toEqual(['note', 'orphan'])
    expect((await search({ team: 'climate' })).rows).toEqual([])
  })

  it('do not mix up operations of two sidecars that have the same number', async () => {
    write('a', [{ at: 10, entry: start('1') }])
    write('b', [
      { at: 5, entry: start('1') },
      { at: 20, entry: end('1') },
    ])
    const { rows } = await search()
    expect(rows.map((row) => [recordOf(row).sidecar, row.of === 'operation' && row.end?.sidecar])).toEqual([
      ['a', undefined],
      ['b', 'b'],
    ])
  })

  it('come from folders below as well', async () => {
    mkdirSync(join(directory, 'pod-a'))
    writeLog(join(directory, 'pod-a'), 'a', chained('a', [op('1', 0)].flat()).lines)
    expect(ids((await search()).rows)).toEqual(['1'])
  })

  it('count lines that are no records, and go on behind them', async () => {
    write('a', [op('1', 0)])
    appendFileSync(join(directory, 'a-0.ndjson'), 'garbage\n\u0000\n{"format":1}\n')
    const { rows, unreadable } = await search()
    expect([ids(rows), unreadable]).toEqual([['1'], 3])
  })

  it('say when a place to go on from is nowhere', async () => {
    write('a', [op('1', 0)])
    const after: Place = { sidecar: 'a', sequence: 99 }
    expect(await searchRows(directory, { filter: {}, limit: 10, after })).toMatchObject({ rows: [], isLost: true })
    expect(await search()).toMatchObject({ isLost: false })
  })

  it('stop after as many lines as one may look at, and say from where to go on', async () => {
    write(
      'a',
      Array.from({ length: 100 }, (_, id) => op(String(id), id * 10)),
    )
    const filter = { team: 'nobody' }
    const found = await searchRows(directory, { filter, limit: 10, maxLines: 50 })
    expect(found).toMatchObject({ rows: [], lines: 50, more: { sidecar: 'a', sequence: 150 } })
    expect(found.reached).toBe(new Date(NOON + 750).toISOString())
  })

  it('are none in a folder without logs, and an error in one that is not there', async () => {
    expect((await search()).rows).toEqual([])
    await expect(searchRows(join(directory, 'x'), { filter: {}, limit: 1 })).rejects.toThrow(/is not there/)
  })
})

describe('a filter', () => {
  beforeEach(() => {
    write('a', [
      op('1', 0),
      op('2', 10, { what: { path: '/data/market-restricted/x' }, why: denied }),
      op('3', 20, { what: { operation: 'RENAME', path: '/team/quant/a', destination: '/data/market/b' } }),
      op('4', 30, { who: { team: 'climate', identity: 'climate-models' }, what: { path: '/data/weather/<script>\n' } }),
      { at: 40, entry: { kind: 'close', who: who(), detail: 'stopped' } },
    ])
  })

  it.each<[Filter, string[]]>([
    [{}, ['close', '4', '3', '2', '1']],
    [{ team: 'climate' }, ['4']],
    [{ team: 'quant' }, ['close', '3', '2', '1']],
    [{ team: 'quan' }, []],
    [{ identity: 'climate-models' }, ['4']],
    [{ effect: 'deny' }, ['2']],
    [{ effect: 'allow', team: 'quant' }, ['3', '1']],
    [{ operation: 'rename' }, ['3']],
    [{ pathPrefix: '/data/market' }, ['3', '1']],
    [{ pathPrefix: '/data/market/' }, ['3', '1']],
    [{ pathPrefix: '/' }, ['4', '3', '2', '1']],
    [{ pathText: 'market' }, ['3', '2', '1']],
    [{ pathText: '<script>\n' }, ['4']],
    [{ pathText: '"}' }, []],
    [{ since: NOON + 10, until: NOON + 30 }, ['3', '2']],
  ])('%j finds %j', async (filter, found) => {
    expect(ids((await search(filter)).rows)).toEqual(found)
  })
})

describe('however it is asked', () => {
  const team = fc.constantFrom('quant', 'climate')
  const operation = fc.record({
    sidecar: fc.constantFrom('a', 'b', 'c'),
    gap: fc.nat(50),
    length: fc.nat(400),
    team,
    deny: fc.boolean(),
  })

  it('finds what reading everything finds, page by page, in segments of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 40 }),
        fc.record({ team, effect: fc.constantFrom('allow' as const, 'deny' as const) }, { requiredKeys: [] }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        async (operations, filter, limit, perSegment) => {
          for (const name of readdirSync(directory)) rmSync(join(directory, name))
          const logs = new Map<string, Timed[]>()
          let at = 0
          for (const [id, { sidecar, gap, length, team: of, deny }] of operations.entries()) {
            at += gap + 1
            const more = { who: { team: of }, ...(deny ? { why: denied } : {}) }
            const entries = logs.get(sidecar) ?? []
            logs.set(sidecar, entries)
            entries.push({ at, entry: start(String(id), more) }, { at: at + length, entry: end(String(id), more) })
          }
          const all: AuditRecord[] = []
          for (const [sidecar, entries] of logs) {
            const { records, lines } = chained(
              sidecar,
              entries.toSorted((one, other) => one.at - other.at),
            )
            writeLog(directory, sidecar, lines, perSegment)
            all.push(...records)
          }
          const expected = all
            .flatMap((record) => (record.kind === 'start' ? [record] : []))
            .filter((record) => matches({ of: 'operation', start: record }, filter))
            .toSorted((one, other) => (one.time < other.time ? 1 : -1))
            .map(({ what }) => what.operationId)
          const found: string[] = []
          let after: Place | undefined
          do {
            const page = await searchRows(directory, { filter, limit, ...(after === undefined ? {} : { after }) })
            expect(page.rows.every((row) => row.of === 'operation' && row.end !== undefined)).toBe(true)
            found.push(...ids(page.rows))
            after = page.more
          } while (after !== undefined)
          expect(found).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })
})

type More = Parameters<typeof start>[1] & { readonly end?: undefined }

function op(id: string, at: number, more: More = {}): Timed[] {
  const begin = { at, entry: start(id, more) }
  return 'end' in more ? [begin] : [begin, { at: at + 1, entry: end(id, more) }]
}

function write(sidecar: string, entries: readonly (Timed | readonly Timed[])[]): void {
  writeLog(directory, sidecar, chained(sidecar, entries.flat() as Timed[]).lines)
}
