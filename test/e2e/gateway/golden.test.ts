/** Every trap of paths, parameters, headers and bodies, against the real NameNode: what comes in, what goes on to HDFS, what goes out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Golden, play } from './golden/golden.ts'
import { HEADERS } from './golden/headers.ts'
import { PARAMETERS } from './golden/parameters.ts'
import { PATHS } from './golden/paths.ts'
import { SECOND_PATHS } from './golden/second-paths.ts'
import { SPELLINGS } from './golden/spellings.ts'
import { type Standing, standHere } from './standing.ts'
import { startTap, type Tap, type Upstream } from './tap.ts'

const SENT_HEADERS = [
  'accept',
  'connection',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'user-agent',
]

const seen: Upstream[] = []
let standing: Standing
let tap: Tap
beforeAll(async () => {
  standing = await standHere()
  tap = await startTap(standing.lab, (upstream) => seen.push(upstream))
  const cluster = { ...SLICE.cluster, nameNodes: tap.nameNodes, dataNodeHosts: ['localhost'] }
  standing.slice.set({ ...SLICE, cluster })
})
afterAll(async () => {
  await standing.direct('DELETE', '/team/quant/golden?op=DELETE&recursive=true')
  await standing.stop()
  await tap.stop()
})

describe.each([
  ['paths', PATHS],
  ['spellings', SPELLINGS],
  ['second paths', SECOND_PATHS],
  ['parameters', PARAMETERS],
  ['headers and bodies', HEADERS],
] as const)('%s', (_what, goldens: readonly Golden[]) => {
  test.each(goldens.map((golden) => [golden.trap, golden] as const))('%s', async (_trap, golden) => {
    const { raw: _raw, ...played } = await play(golden, standing, seen)
    const { direct, upstream, answer } = golden
    expect(played).toEqual({ direct, upstream, answer })
    for (const { to, headers, bodyBytes } of seen) {
      if (to === 'namenode') expect(bodyBytes).toBe(0)
      const names = headers.map(([name]) => name.toLowerCase()).filter((name) => name !== 'x-xsrf-header')
      expect(SENT_HEADERS).toEqual(expect.arrayContaining(names))
    }
  })
})
