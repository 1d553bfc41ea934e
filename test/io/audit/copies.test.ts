/** However a chain is spread over the folders of brokers, it is read as one: each record once, in its order, and what is missing by its numbers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordOf } from '../../../src/core/audit/row.ts'
import { followChain } from '../../../src/io/audit/chain.ts'
import { bySidecar } from '../../../src/io/audit/copies.ts'
import { readAuditDirectory } from '../../../src/io/audit/directory.ts'
import { auditInputs, linesOfInputs } from '../../../src/io/audit/inputs.ts'
import { searchRows } from '../../../src/io/audit/rows.ts'
import { DAY, type Share, writeShares } from './brokers.ts'
import { chained, start } from './logs.ts'

const SIDECAR = 'pod-a'
const COUNT = 24
// The clock of the pod goes back in the middle: the order is that of the chain all the same.
const { lines } = chained(
  SIDECAR,
  Array.from({ length: COUNT }, (_, at) => ({ at: (at < 12 ? at : at - 9) * 1000, entry: start(String(at)) })),
)
const other = chained(
  SIDECAR,
  Array.from({ length: COUNT }, (_, at) => ({ at: at * 1000, entry: start(`other ${at}`) })),
).lines

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kerbside-copies-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const follow = async () => {
  const [copies = []] = bySidecar(await readAuditDirectory(root))
  const seen: number[] = []
  const report = await followChain(copies, ({ sequence }) => seen.push(sequence))
  return { ...report, seen }
}
const searched = async () => {
  const { rows } = await searchRows(root, { filter: {}, limit: 1000 })
  return rows.map((row) => recordOf(row).sequence).toReversed()
}
const replayed = async () => {
  const texts: string[] = []
  for await (const block of linesOfInputs(await auditInputs([root]))) texts.push(...block.lines)
  return texts.map((text) => lines.indexOf(text))
}

/** Each broker takes a number once, so its own shares rise; those of different brokers may overlap as far as they like. */
const sharesOf = (broker: string): fc.Arbitrary<readonly Share[]> =>
  fc.uniqueArray(fc.nat(COUNT), { minLength: 2, maxLength: 8 }).map((cuts) => {
    const rising = cuts.toSorted((one, another) => one - another)
    return rising.flatMap((from, index) => {
      const to = rising[index + 1]
      // Every other stretch is another broker's, and at times there is none between two.
      return to === undefined || index % 3 === 2 ? [] : [{ broker, from, to }]
    })
  })
const spread = fc
  .tuple(sharesOf('a'), sharesOf('b'), sharesOf('c'))
  .map((shares) => shares.flat())
  .filter((shares) => shares.length > 0)

describe('a chain in the folders of several brokers', () => {
  it('is read once and in order by verify, query and replay alike, and has exactly the gaps that nobody fills', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(spread, async (shares) => {
        rmSync(root, { recursive: true, force: true })
        writeShares(root, SIDECAR, lines, shares)
        const here = Array.from({ length: COUNT }, (_, at) => at).filter((at) =>
          shares.some(({ from, to }) => from <= at && at < to),
        )
        const report = await follow()
        expect(report.seen).toEqual(here)
        expect(report.records).toBe(here.length)
        const starts = here.filter((at, index) => at !== (here[index - 1] ?? -1) + 1)
        expect(report.gaps.map(({ detail }) => Number(/(\d+) (is|are) not here$/.exec(detail)?.[1]) + 1)).toEqual(
          starts,
        )
        expect(report.broken?.fault).toBe(starts.length === 0 ? undefined : 'gap')
        expect(await searched()).toEqual(here)
        expect(await replayed()).toEqual(here)
      }),
      { numRuns: 25 },
    )
  })

  it('goes on over midnight and over the bound of any memory: all of it twice is all of it once', async () => {
    const long = chained(
      SIDECAR,
      Array.from({ length: 3000 }, (_, at) => ({ at, entry: start(String(at)) })),
    ).lines
    const next = '2026-03-03'
    writeShares(root, SIDECAR, long, [
      { broker: 'a', from: 0, to: 1400 },
      { broker: 'a', from: 1400, to: 3000, day: next },
      { broker: 'b', from: 0, to: 3000, day: next },
    ])
    const { records, broken } = await follow()
    expect([records, broken]).toEqual([3000, undefined])
    expect((await searchRows(root, { filter: {}, limit: 5000 })).rows).toHaveLength(3000)
  })
})

describe('two brokers that have different records of one number', () => {
  it.each<[string, number, number]>([
    ['in the middle', 4, 8],
    ['at the end of both', 23, 24],
    ['at their beginning', 0, 2],
  ])('hide neither: %s', async (_, from, to) => {
    writeShares(root, SIDECAR, lines, [{ broker: 'a', from: 0, to: COUNT }])
    writeShares(root, SIDECAR, other, [{ broker: 'b', from, to }])
    const { broken } = await follow()
    expect(broken?.fault).toMatch(/^(forked|unlinked)$/)
    expect(broken?.file).toBe(`b/${DAY}/${SIDECAR}-${from}.ndjson`)
    const texts = (await searchRows(root, { filter: {}, limit: 1000 })).rows.map((row) => JSON.stringify(recordOf(row)))
    for (const at of [from, to - 1]) {
      expect(texts.filter((text) => text.includes(`"operationId":"${at}"`))).toHaveLength(1)
      expect(texts.filter((text) => text.includes(`"operationId":"other ${at}"`))).toHaveLength(1)
    }
    await expect(replayed()).rejects.toThrow(/two folders have different records of one number/)
  })

  it('that both follow from the one before are a fork', async () => {
    const fork = chained(
      SIDECAR,
      Array.from({ length: COUNT }, (_, at) => ({
        at: (at < 12 ? at : at - 9) * 1000,
        entry: start(at === COUNT - 1 ? 'forged' : String(at)),
      })),
    ).lines
    writeShares(root, SIDECAR, lines, [{ broker: 'a', from: 0, to: COUNT }])
    writeShares(root, SIDECAR, fork, [{ broker: 'b', from: 10, to: COUNT }])
    expect((await follow()).broken).toMatchObject({ fault: 'forked', file: `b/${DAY}/${SIDECAR}-10.ndjson`, line: 14 })
  })
})
