/** A directory of 100,000 entries: listed whole and in pages as HDFS lists it, without what policy hides, and without being held. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { hdfs } from '../../core/policy/bundle-of.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Apart, MOST_MIB, startApart } from './apart.ts'
import { makeFolders } from './many-folders.ts'
import { type Standing, standHere } from './standing.ts'

const FOLDER = '/team/quant/e2e-large-directory'
const ENTRIES = 100_000
const nameOf = (number: number) => `row-${String(number).padStart(6, '0')}`
/** First, last, and on both sides of where one of HDFS's pages of 1,000 ends. */
const HIDDEN = [0, 999, 1000, 1001, 54_321, ENTRIES - 1].map(nameOf)
/** Those are datasets of somebody else. */
const HIDING: Slice = {
  ...SLICE,
  places: [
    ...SLICE.places,
    ...HIDDEN.map((name) => ({ path: hdfs(`${FOLDER}/${name}`), dataset: name, protect: true, grants: [] })),
  ],
}

type Row = { readonly pathSuffix: string }
let standing: Standing
let apart: Apart
let expected: readonly string[]
beforeAll(async () => {
  standing = await standHere()
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  const paths = Array.from({ length: ENTRIES }, (_, number) => `${FOLDER}/${nameOf(number)}`)
  ;[apart] = await Promise.all([startApart(HIDING), makeFolders(standing, paths)])
  const { body } = await standing.direct('GET', `${FOLDER}?op=LISTSTATUS`)
  const rows: readonly Row[] = JSON.parse(body.toString()).FileStatuses.FileStatus
  expect(rows).toHaveLength(ENTRIES)
  expected = rows.filter(({ pathSuffix }) => !HIDDEN.includes(pathSuffix)).map((row) => JSON.stringify(row))
}, 300_000)
afterAll(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  await apart.stop()
  await standing.stop()
})

const ask = async (query: string) => {
  const answer = await fetch(`${apart.base}${FOLDER}?${query}`)
  expect(answer.status).toBe(200)
  return answer.json()
}
/** Row by row, since a difference of lists this long is not to be read. */
const differing = (rows: readonly Row[]) => {
  const told = rows.map((row) => JSON.stringify(row))
  return { more: told.length - expected.length, others: told.filter((row, at) => row !== expected[at]).slice(0, 3) }
}
const SAME = { more: 0, others: [] }

test('LISTSTATUS tells every row as HDFS does, and none that is hidden', async () => {
  const { FileStatuses } = (await ask('op=LISTSTATUS')) as { FileStatuses: { FileStatus: readonly Row[] } }
  expect(differing(FileStatuses.FileStatus)).toEqual(SAME)
}, 180_000)

test('LISTSTATUS_BATCH tells the same in pages', async () => {
  const rows: Row[] = []
  for (let remaining = Number.NaN; remaining !== 0; ) {
    const { DirectoryListing } = (await ask(`op=LISTSTATUS_BATCH&startafter=${rows.at(-1)?.pathSuffix ?? ''}`)) as {
      DirectoryListing: { partialListing: { FileStatuses: { FileStatus: readonly Row[] } }; remainingEntries: number }
    }
    rows.push(...DirectoryListing.partialListing.FileStatuses.FileStatus)
    remaining = DirectoryListing.remainingEntries
  }
  expect(differing(rows)).toEqual(SAME)
}, 180_000)

test('four at once, of which one breaks off and one is slow to read, do not make the sidecar hold the directory', async () => {
  const [whole, other, broken, slow] = await Promise.all(
    Array.from({ length: 4 }, () => fetch(`${apart.base}${FOLDER}?op=LISTSTATUS`)),
  )
  await broken?.body?.cancel()
  const texts = await Promise.all([whole?.text(), other?.text()])
  expect(texts[0]?.length).toBeGreaterThan(ENTRIES * 100)
  expect(texts[0] === texts[1]).toBe(true)
  expect((await slow?.text()) === texts[0]).toBe(true)
  expect(apart.mostMiB()).toBeLessThan(MOST_MIB)
}, 180_000)
