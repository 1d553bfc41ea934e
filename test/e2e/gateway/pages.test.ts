/** LISTSTATUS_BATCH of directories with more rows than a page of HDFS has (1,000), most of them hidden by policy. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PRESETS } from '../../../src/core/policy/action.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { hdfs } from '../../core/policy/bundle-of.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Standing, standHere } from './standing.ts'

const FOLDER = '/team/quant/pages'
const HIDDEN = Array.from({ length: 1050 }, (_, number) => `h${String(number).padStart(4, '0')}`)
const SHOWABLE = ['a', 'z']

/** Every row but those is a dataset of somebody else, with a place of its own. */
const showing = (shown: readonly string[]): Slice => ({
  ...SLICE,
  grants: [{ name: 'home', at: 'x:1', mode: 'enforce', effect: 'allow', actions: PRESETS.write }],
  places: [
    { path: '/team/quant', dataset: 'home', protect: true, grants: [0] },
    ...[...SHOWABLE, ...HIDDEN]
      .filter((name) => !shown.includes(name))
      .map((name) => ({ path: hdfs(`${FOLDER}/${name}`), dataset: `other-${name}`, protect: true, grants: [] })),
  ],
})

let standing: Standing
beforeAll(async () => {
  standing = await standHere(showing([...SHOWABLE, ...HIDDEN]))
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  const names = [...SHOWABLE, ...HIDDEN]
  const make = async (from: number) => {
    for (let at = from; at < names.length; at += 16) {
      const made = await fetch(`${standing.base}${FOLDER}/${names[at]}?op=MKDIRS`, { method: 'PUT' })
      expect(await made.text()).toBe('{"boolean":true}')
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, from) => make(from)))
}, 120_000)
afterAll(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  await standing.stop()
})

type Told = { readonly names: readonly string[]; readonly remaining: number }

/** As Java and OpenDAL do: on from the last row, for as long as rows remain. */
async function pagesOf(path: string): Promise<readonly Told[]> {
  const pages: Told[] = []
  let after = ''
  for (;;) {
    const answer = await fetch(`${standing.base}${path}?op=LISTSTATUS_BATCH&startafter=${after}`)
    const { DirectoryListing } = (await answer.json()) as {
      DirectoryListing: {
        partialListing: { FileStatuses: { FileStatus: readonly { pathSuffix: string }[] } }
        remainingEntries: number
      }
    }
    const names = DirectoryListing.partialListing.FileStatuses.FileStatus.map(({ pathSuffix }) => pathSuffix)
    pages.push({ names, remaining: DirectoryListing.remainingEntries })
    if (DirectoryListing.remainingEntries === 0) return pages
    // Java takes the last row of each page without looking whether there is one.
    after = names.at(-1) ?? expect.fail('a page without rows says that rows remain')
  }
}

test.each([
  [['a', 'z']],
  [['a']],
  [['z']],
  [[]],
  [['h0999']],
  [['h1000']],
  [['h0999', 'h1000']],
  [['a', 'h0998', 'z']],
])('where policy shows %j of a thousand rows, pages hold exactly that', async (shown) => {
  standing.slice.set(showing(shown))
  const pages = await pagesOf(FOLDER)
  expect(pages.flatMap(({ names }) => names)).toEqual(shown)
  // How many are hidden shows nowhere.
  for (const { remaining } of pages) expect(remaining).toBeLessThanOrEqual(shown.length)
})

test('where nothing is hidden, pages are those of HDFS', async () => {
  standing.slice.set(showing([...SHOWABLE, ...HIDDEN]))
  const pages = await pagesOf(FOLDER)
  expect(pages.map(({ names, remaining }) => [names.length, remaining])).toEqual([
    [1000, 52],
    [52, 0],
  ])
  expect(pages.flatMap(({ names }) => names)).toEqual(['a', ...HIDDEN, 'z'])
})

test('a page of what policy does not show at all is refused', async () => {
  const answer = await fetch(`${standing.base}/data/weather?op=LISTSTATUS_BATCH`)
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('(no-dataset)')])
})
