/** A router of a federation in the place of NameNodes: its own delegation tokens, its own tree, and DataNodes that ask it back. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { connects } from '../../lab/probe.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Reached, reach } from './reached.ts'
import { type Standing, standHere } from './standing.ts'

/** The part `router` mounts `/team/quant` there. Policy is written in the names that clients use, so in those of the router. */
const MOUNTED = '/mounted/quant'
const NAME = 'e2e-router'
const THROUGH_ROUTER: Slice = {
  ...SLICE,
  cluster: { ...SLICE.cluster, nameNodes: ['https://router.lab:50072'] },
  places: SLICE.places
    .filter(({ path }) => path !== '/team/quant/drop')
    .map((place) => (place.path === '/team/quant' ? { ...place, path: MOUNTED } : place)),
}

let reached: Reached
let standing: Standing
beforeAll(async () => {
  standing = await standHere()
  if (!(await connects('router.lab', 50_072))) throw new Error('this needs a lab with the part `router`')
  reached = await reach(THROUGH_ROUTER)
})
beforeEach(() => standing.direct('DELETE', `/team/quant/${NAME}?op=DELETE&recursive=true`))
afterAll(async () => {
  await standing.direct('DELETE', `/team/quant/${NAME}?op=DELETE&recursive=true`)
  await standing.stop()
  await reached.stop()
})

const here = (name: string) => `${MOUNTED}/${NAME}/${name}`
const behind = async (name: string) =>
  (await standing.direct('GET', `/team/quant/${NAME}/${name}?op=OPEN`)).body.toString()

test('a file of the federation is read, byte for byte', async () => {
  const expected = (await standing.direct('GET', '/data/market/stocks.csv?op=OPEN')).body.toString()
  expect(await reached.send('GET', '/data/market/stocks.csv?op=OPEN')).toEqual({ status: 200, text: expected })
})

test('what is written, appended, renamed and listed below a mount lies where the mount leads', async () => {
  expect((await reached.send('PUT', `${here('x')}?op=CREATE`, { body: 'one' })).status).toBe(201)
  expect((await reached.send('POST', `${here('x')}?op=APPEND`, { body: ' two' })).status).toBe(200)
  const renamed = await reached.send('PUT', `${here('x')}?op=RENAME&destination=${here('y')}`)
  expect(renamed).toEqual({ status: 200, text: '{"boolean":true}' })
  const listed = await reached.send('GET', `${MOUNTED}/${NAME}?op=LISTSTATUS`)
  expect(listed).toMatchObject({ status: 200 })
  expect(JSON.parse(listed.text).FileStatuses.FileStatus.map((row: { pathSuffix: string }) => row.pathSuffix)).toEqual([
    'y',
  ])
  expect(await behind('y')).toBe('one two')
  expect((await reached.send('DELETE', `${here('y')}?op=DELETE`)).text).toBe('{"boolean":true}')
})

test('a path is decided by its name at the router: the one behind a mount is another', async () => {
  const { status, text } = await reached.send('GET', `/team/quant?op=LISTSTATUS`)
  expect([status, text]).toEqual([403, expect.stringContaining('(no-dataset)')])
})

test('a delegation token that the router has dropped is replaced once, also between two steps', async () => {
  await reached.send('PUT', `${here('x')}?op=CREATE`, { body: 'one' })
  reached.tokens.replaced = 0
  await reached.tokens.lose()
  expect(await reached.send('GET', `${here('x')}?op=OPEN`)).toEqual({ status: 200, text: 'one' })
  const between = () => reached.tokens.lose()
  expect(await reached.send('GET', `${here('x')}?op=OPEN`, { between })).toEqual({ status: 200, text: 'one' })
  // The DataNode may still have had a connection by the old one; the router has not.
  await reached.send('GET', `${here('x')}?op=GETFILESTATUS`)
  expect(reached.tokens.replaced).toBe(2)
})
