/** A policy in shadow as a whole, as a client meets it: nothing is refused or hidden by policy, and all else holds. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { json, pageOf } from './fake-hdfs.ts'
import { ask, inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'
import { REVOKED, SLICE } from './story.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
  setup.slice.set(setup.inPlace({ ...SLICE, mode: 'shadow' }))
})
afterEach(() => setup.stop())

const listing = {
  FileStatuses: { FileStatus: ['market', 'market-restricted', 'weather'].map((pathSuffix) => ({ pathSuffix })) },
}
const list = async () => {
  setup.hdfs.nn1.handle = (_, response) => json(response, 200, pageOf(listing.FileStatuses.FileStatus))
  return ask(setup, 'GET', '/webhdfs/v1/data?op=LISTSTATUS')
}

test('a listing hides nothing; enforced, the same listing does', async () => {
  expect(JSON.parse((await list()).body)).toEqual(listing)
  setup.slice.set(setup.inPlace(SLICE))
  expect(JSON.parse((await list()).body).FileStatuses.FileStatus).toEqual([{ pathSuffix: 'market' }])
})

test('what would be denied is done, and recorded as what it would have been', async () => {
  const answer = await inTwoSteps(setup, 'PUT', '/webhdfs/v1/data/weather/x?op=CREATE', 'hello')
  expect(answer.status).toBe(201)
  expect(setup.audit.lines).toEqual(['start CREATE /data/weather/x allow shadow', 'end 201 wrote 5 complete'])
  expect(setup.audit.entries[0]).toMatchObject({ why: { shadow: { effect: 'deny', reason: 'no-dataset' } } })
})

test('what never reaches policy stays refused', async () => {
  expect((await ask(setup, 'GET', '/webhdfs/v1/data/..%2fsecret?op=OPEN')).status).toBe(400)
  expect((await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN&doas=hdfs')).status).toBe(403)
})

test('when no policy counts any more, or the broker has closed it, shadow opens nothing', async () => {
  setup.slice.set(setup.inPlace(REVOKED))
  expect(messageOf(await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN'))).toContain('(no-dataset)')
  setup.slice.set(undefined)
  expect((await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN')).status).toBe(503)
  expect(setup.hdfs.nn1.seen).toEqual([])
})
