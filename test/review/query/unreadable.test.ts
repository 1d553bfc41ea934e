/** A file of the cache that is damaged while the pages are served: left out and told, and the rest is there. */
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Place } from '../../../src/review/query/item.ts'
import type { Questions } from '../../../src/review/query/questions.ts'
import { asked, fileOf, HOUR, NOW, operation, SLOW, whoOf, written } from './written.ts'

const ALL = { of: 'all' } as const
/** Old enough to be a file by itself, then so many batches that it leaves the tail. */
const BATCHES = 20
const hours = Array.from({ length: BATCHES }, (_, hour) =>
  written(
    [1, 2, 3].flatMap((at) => operation({ who: whoOf('quant'), path: `/data/market/${hour}/${at}` })),
    `pod-${hour}`,
    NOW - (BATCHES - hour) * HOUR,
  ),
)
const FILES = Object.fromEntries(hours.map(({ lines }, hour) => [`pod-${hour}-0.ndjson`, fileOf(lines)]))

async function pathsOf(questions: Questions): Promise<readonly string[]> {
  const paths: string[] = []
  for (let after: Place | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await questions.records({ filter: {}, limit: 4, ...(after === undefined ? {} : { after }) }, ALL)
    paths.push(...page.items.map(({ what }) => what?.path ?? ''))
    after = page.older
  }
  return paths
}

async function overwrite(file: string): Promise<void> {
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  // Behind the first four bytes, which say what it is, and before what stands at the end.
  await handle.write(Buffer.alloc(Math.floor(size / 3), 0xa5), 0, Math.floor(size / 3), 8)
  await handle.close()
}

test.each([
  ['overwritten in its middle', overwrite],
  ['taken away', (file: string) => rm(file)],
])('a file that is %s is left out and told, and the others are served', SLOW, async (_, damage) => {
  const { questions, root } = await asked(FILES, { taking: { segmentRecords: 1, batchLines: 1 } })
  const every = await pathsOf(questions)
  expect(every).toHaveLength(BATCHES * 3)
  const cache = join(root, 'cache')
  const files = (await readdir(cache)).filter((name) => name.endsWith('.parquet'))
  expect(files.length).toBeGreaterThan(1)
  const [first = ''] = files.toSorted()
  await damage(join(cache, first))
  const rest = await pathsOf(questions)
  expect(rest.length).toBeLessThan(every.length)
  expect(rest.length).toBeGreaterThan(0)
  expect(rest).toEqual(every.filter((path) => rest.includes(path)))
  const { damaged } = await questions.health(ALL)
  expect(damaged).toEqual([{ file: first, lines: 1, problem: expect.any(String) }])
  // It is told once, and asked no more.
  expect(await pathsOf(questions)).toEqual(rest)
  expect((await questions.health(ALL)).damaged).toHaveLength(1)
})
