/** What a sidecar sends to the broker is what stands in its log: every record once, from any number on, and nothing behind a damage. */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeSegmentName } from '../../../src/core/audit/segment-name.ts'
import { SpoolReader } from '../../../src/io/audit/spool-reader.ts'
import { chained, start, writeLog } from './logs.ts'

const COUNT = 60
const SIDECAR = 'pod-a'
/** Of one, two, three and four bytes a letter, and long enough that a piece does not hold all of them. */
const { lines: LINES } = chained(
  SIDECAR,
  Array.from({ length: COUNT }, (_, at) => ({
    at,
    entry: start(String(at), { what: { path: `/data/${['a', 'ü', '漢', '🦆'][at % 4]?.repeat(9000)}` } }),
  })),
)
let directory: string
let reader: SpoolReader
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-spool-'))
  reader = new SpoolReader(directory, SIDECAR)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const fileOf = (number: number) => join(directory, writeSegmentName({ sidecar: SIDECAR, number }))

/** As a shipper goes on: each time from where the last ended. */
async function all(from: number, before: number): Promise<readonly string[]> {
  const read: string[] = []
  while (from + read.length < before) read.push(...(await reader.read(from + read.length, before)))
  return read
}

it.each([[COUNT], [7], [3], [1]])(
  'gives each record once, from any number to any other: %i in a segment',
  async (per) => {
    writeLog(directory, SIDECAR, LINES, per)
    writeFileSync(join(directory, writeSegmentName({ sidecar: 'pod-b', number: 99 })), 'of another\n')
    for (const [from, before] of [
      [0, COUNT],
      [0, 1],
      [5, 6],
      [6, 31],
      [59, 60],
      [13, COUNT],
    ] as const)
      expect([from, before, await all(from, before)]).toEqual([from, before, LINES.slice(from, before)])
    expect(await reader.read(7, 7)).toEqual([])
  },
)

it('goes on in a segment to which something was added, and does not give what is not said to be on disk yet', async () => {
  writeLog(directory, SIDECAR, LINES.slice(0, 3))
  expect(await reader.read(0, 2)).toEqual(LINES.slice(0, 2))
  writeLog(directory, SIDECAR, LINES.slice(0, 9))
  expect(await reader.read(2, 8)).toEqual(LINES.slice(2, 8))
  expect(await reader.read(8, 9)).toEqual(LINES.slice(8, 9))
})

it.each([
  ['a record is missing', LINES.toSpliced(4, 1), 'at number 4'],
  ['a record stands there twice', LINES.toSpliced(4, 0, LINES[3] ?? ''), 'at number 4'],
  ['two have changed places', LINES.with(4, LINES[5] ?? '').with(5, LINES[4] ?? ''), 'at number 4'],
  ['a line is no record', LINES.with(4, 'no record'), 'is damaged'],
] as const)('where %s, it says so and gives nothing', async (_, lines, says) => {
  writeLog(directory, SIDECAR, lines.slice(0, 12))
  const said = { code: 'io-failed', message: expect.stringContaining(says) }
  await expect(reader.read(0, 12)).rejects.toMatchObject(said)
  await expect(reader.read(4, 12)).rejects.toMatchObject(said)
  // What is before it is given, and no more of it.
  expect(await reader.read(0, 4)).toEqual(LINES.slice(0, 4))
})

it('says which number is no longer there, and goes on with others when a segment is removed', async () => {
  writeLog(directory, SIDECAR, LINES.slice(0, 12), 1)
  expect(await reader.segments()).toEqual(LINES.slice(0, 12).map((_, number) => ({ number, first: number })))
  expect(await reader.read(0, 12)).toEqual(LINES.slice(0, 1))
  for (const number of [0, 1]) {
    unlinkSync(fileOf(number))
    reader.forget(number)
  }
  await expect(reader.read(1, 12)).rejects.toMatchObject({ message: expect.stringContaining('number 1 is no longer') })
  expect(await reader.read(2, 12)).toEqual(LINES.slice(2, 3))
})

it('leaves out a segment that was begun and holds no record yet', async () => {
  writeLog(directory, SIDECAR, LINES.slice(0, 2))
  writeFileSync(fileOf(1), '')
  expect(await reader.segments()).toEqual([{ number: 0, first: 0 }])
  writeFileSync(fileOf(1), `${LINES[2]}\n`)
  expect(await all(0, 3)).toEqual(LINES.slice(0, 3))
})
