/** Where a chain breaks at the edge of a file, and what of it still counts. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ChainReport, followChain } from '../../../src/io/audit/chain.ts'
import { readAuditDirectory } from '../../../src/io/audit/directory.ts'
import { chained, start, writeLog } from './logs.ts'

const SIDECAR = 'pod-a'
const { lines: LINES } = chained(
  SIDECAR,
  [0, 1, 2, 3, 4, 5].map((at) => ({ at, entry: start(String(at)) })),
)
const changed = (number: number) => LINES[number]?.replace('/data/', '/other/') ?? ''

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kerbside-chain-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function follow(): Promise<ChainReport> {
  const logs = await readAuditDirectory(root)
  return followChain(
    logs.toSorted((one, other) => ((one.segments[0]?.name ?? '') < (other.segments[0]?.name ?? '') ? -1 : 1)),
  )
}

it.each([
  ['a file begins with a record that was there before', LINES.toSpliced(3, 0, LINES[1] ?? ''), 'out-of-order', 3, 0],
  ['a file begins with the first record', LINES.toSpliced(3, 0, LINES[0] ?? ''), 'out-of-order', 3, 0],
  [
    'a file begins with a later record, which was changed',
    LINES.toSpliced(3, 2, changed(5)).slice(0, 4),
    'changed',
    3,
    0,
  ],
  ['a file begins with a later record', LINES.toSpliced(3, 1), 'gap', 5, 1],
] as const)('where %s', async (_, lines, fault, records, gaps) => {
  writeLog(root, SIDECAR, lines, 3)
  const report = await follow()
  expect(report).toMatchObject({ records, broken: { fault, file: `${SIDECAR}-1.ndjson`, line: 1 } })
  expect(report.gaps).toHaveLength(gaps)
})

it('a gap is told by the numbers that are missing', async () => {
  writeLog(root, SIDECAR, LINES.toSpliced(3, 1), 3)
  expect((await follow()).broken?.detail).toBe('number 3 is not here')
  writeLog(root, SIDECAR, LINES.toSpliced(3, 2), 3)
  expect((await follow()).broken?.detail).toBe('numbers 3 to 4 are not here')
})

it('in one of two copies a line that is no record is found where it stands, however much the other one goes on', async () => {
  for (const [broker, lines] of [
    ['broker-0', LINES],
    ['broker-1', LINES.with(2, 'no record')],
  ] as const) {
    mkdirSync(join(root, broker))
    writeLog(join(root, broker), SIDECAR, lines)
  }
  const file = `broker-1/${SIDECAR}-0.ndjson`
  expect(await follow()).toMatchObject({ records: 2, broken: { fault: 'unreadable', file, line: 3 } })
})
