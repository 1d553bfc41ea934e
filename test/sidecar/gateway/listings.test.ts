/** A listing is told as one document, whatever pages HDFS gives it in; and when it cannot be whole, that shows. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exception, json, pageOf } from './fake-hdfs.ts'
import { ask, type Setup, sendRaw, setUp } from './set-up.ts'
import { REVOKED } from './story.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    pathSuffix: `f${String(from + index).padStart(6, '0')}`,
    length: 7,
  }))

/** A directory of so many files, a thousand in a page; what else happens at a page is the test's. */
function directory(files: number, at: (from: number) => void = () => {}): void {
  setup.hdfs.nn1.handle = (_request, response, { url }) => {
    const after = new URLSearchParams(url.split('?')[1]).get('startafter')
    const from = after === null ? 0 : Number(after.slice(1)) + 1
    at(from)
    const to = Math.min(files, from + 1000)
    json(response, 200, pageOf(names(from, to), files - to))
  }
}

const list = (path = '/data/market') => ask(setup, 'GET', `/webhdfs/v1${path}?op=LISTSTATUS`)
const rowsIn = (body: string) => JSON.parse(body).FileStatuses.FileStatus
const ended = (line: string) => expect.poll(() => setup.audit.lines.at(-1)).toBe(line)

describe('a listing', () => {
  test.each([0, 1, 999, 1000, 1001, 3500])('of %i files has each of them once, in order', async (files) => {
    directory(files)
    const { status, body, headers } = await list()
    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    expect(rowsIn(body)).toEqual(names(0, files))
    await ended('end 200')
  })

  test('tells its length where it has one page', async () => {
    directory(3)
    const { headers, body } = await list()
    expect(headers['content-length']).toBe(String(body.length))
  })

  test('has no Content-Type for Java', async () => {
    directory(2001)
    const headers = { 'x-hadoop-accept-ez': 'true' }
    const answer = await ask(setup, 'GET', '/webhdfs/v1/data/market?op=LISTSTATUS', { headers })
    expect(answer.headers['content-type']).toBeUndefined()
    expect(rowsIn(answer.body)).toHaveLength(2001)
  })

  test('keeps hidden what policy hides, on whichever page it stands', async () => {
    const pages = [['aaa', 'bbb'], ['ccc'], ['market', 'zzz']]
    setup.hdfs.nn1.handle = (_request, response) => {
      const page = pages.shift() ?? []
      json(
        response,
        200,
        pageOf(
          page.map((pathSuffix) => ({ pathSuffix })),
          pages.flat().length,
        ),
      )
    }
    expect((await list('/data')).body).toBe('{"FileStatuses":{"FileStatus":[{"pathSuffix":"market"}]}}')
  })

  test.each(['UnsupportedOperationException', 'IllegalArgumentException'])(
    'is asked for as a whole where HDFS knows no pages (%s), and hides the same',
    async (name) => {
      const rows = ['market', 'market-restricted', 'weather'].map((pathSuffix) => ({ pathSuffix, type: 'DIRECTORY' }))
      setup.hdfs.nn1.handle = (_, response, { url }) =>
        url.includes('LISTSTATUS_BATCH')
          ? exception(response, name, 'LISTSTATUS_BATCH is not supported', 400)
          : json(response, 200, { FileStatuses: { FileStatus: rows } })
      const answer = await ask(setup, 'GET', '/webhdfs/v1/data?op=LISTSTATUS')
      expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { FileStatuses: { FileStatus: [rows[0]] } }])
    },
  )

  test('that HDFS refuses is refused in its words', async () => {
    setup.hdfs.nn1.handle = (_request, response) =>
      exception(response, 'FileNotFoundException', 'File /data/market/x does not exist.', 404)
    expect((await list()).status).toBe(404)
  })
})

describe('a listing that breaks off on a later page is cut, so that no client takes it for whole', () => {
  const whole = (answer: string) => answer.endsWith('0\r\n\r\n')
  const raw = () =>
    sendRaw(
      setup,
      `GET /webhdfs/v1/data/market?op=LISTSTATUS HTTP/1.1\r\nhost: 127.0.0.1:${setup.gateway.port}\r\nconnection: close\r\n\r\n`,
    )

  test('as one that does not shows', async () => {
    directory(2500)
    expect(whole(await raw())).toBe(true)
  })

  test('when HDFS refuses', async () => {
    const healthy = () => setup.hdfs.nn1.handle
    directory(2500)
    const pages = healthy()
    setup.hdfs.nn1.handle = (request, response, seen) =>
      seen.url.includes('startafter') ? exception(response, 'AccessControlException') : pages(request, response, seen)
    expect(whole(await raw())).toBe(false)
    await ended('end 200 cut')
  })

  test('when HDFS gives the same page again', async () => {
    setup.hdfs.nn1.handle = (_request, response) => json(response, 200, pageOf(names(0, 1000), 1000))
    expect(whole(await raw())).toBe(false)
    await ended('end 200 cut')
  })

  test('when a page cannot be read', async () => {
    directory(2500)
    const pages = setup.hdfs.nn1.handle
    setup.hdfs.nn1.handle = (request, response, seen) =>
      seen.url.includes('startafter') ? json(response, 200, { rows: [] }) : pages(request, response, seen)
    expect(whole(await raw())).toBe(false)
  })

  test('when policy takes the grant away', async () => {
    directory(5000, (from) => {
      if (from === 2000) setup.slice.set(setup.inPlace(REVOKED))
    })
    const answer = await raw()
    expect(whole(answer)).toBe(false)
    expect(answer).not.toContain('f002000')
    await ended('end 200 cut')
    expect(setup.gateway.counters().activeStreams).toBe(0)
  })
})
