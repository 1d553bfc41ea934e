/** Limits of a dataset as a client meets them: refused by what it asks, by what it announces, and by what it sends. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Limits } from '../../../src/core/policy/decision/limits.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { exception, json } from './fake-hdfs.ts'
import { ask, inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'
import { SLICE } from './story.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

/** The home of quant, limited. */
const limit = (limits: Limits, more: Partial<Slice> = {}): void => {
  const places = SLICE.places.map((place) => (place.path === '/team/quant' ? { ...place, limits } : place))
  setup.slice.set(setup.inPlace({ ...SLICE, places, ...more }))
}
const CREATE = '/webhdfs/v1/team/quant/a?op=CREATE&step=2'
const APPEND = '/webhdfs/v1/team/quant/a?op=APPEND&step=2'
const chunked = { 'transfer-encoding': 'chunked' }
const questions = () => setup.hdfs.nn1.questions.map((question) => question.replace('/webhdfs/v1', ''))
const ended = (line: string) => expect.poll(() => setup.audit.lines.at(-1)).toBe(line)
/** Of the last end record. */
const reason = () => setup.audit.entries.flatMap((entry) => (entry.kind === 'end' ? [entry.end.reason] : [])).at(-1)
const counted = () => setup.gateway.counters().operations.map(({ effect, reason }) => `${effect} ${reason}`)

describe('what is asked for', () => {
  test.each([
    ['replication=4', 'too-many-replicas', '4 where 3 is the most'],
    ['blocksize=1048577', 'block-too-large', '1048577 where 1048576 is the most'],
  ])('above the limit is refused in either step: %s', async (parameter, code, numbers) => {
    limit({ replication: 3, blockBytes: 1_048_576 })
    for (const step of ['', '&step=2']) {
      const answer = await ask(setup, 'PUT', `/webhdfs/v1/team/quant/a?op=CREATE&${parameter}${step}`)
      expect(answer.status).toBe(403)
      expect(messageOf(answer)).toMatch(
        new RegExp(`^quant-research may not create /team/quant/a: .*${numbers} \\(${code}\\)$`),
      )
      expect(setup.audit.lines.slice(-2)).toEqual([`start CREATE /team/quant/a deny ${code}`, 'end 403'])
    }
    expect(questions()).toEqual([])
  })

  test('does not bind another dataset', async () => {
    limit({ replication: 3, fileBytes: 1 })
    expect(
      (await inTwoSteps(setup, 'PUT', '/webhdfs/v1/team/quant/drop/a?op=CREATE&replication=9', 'hello')).status,
    ).toBe(201)
  })

  test('and left to HDFS is its default where that is lower, and asked of it once', async () => {
    const healthy = setup.hdfs.nn1.handle
    setup.hdfs.nn1.handle = (request, response, seen) =>
      seen.url.includes('GETSERVERDEFAULTS')
        ? json(response, 200, { FsServerDefaults: { replication: 2, blockSize: 134_217_728 } })
        : healthy(request, response, seen)
    limit({ replication: 3, blockBytes: 1_048_576 })
    await ask(setup, 'PUT', CREATE, { body: 'a' })
    await ask(setup, 'PUT', `${CREATE}&blocksize=512`, { body: 'a' })
    expect(questions().filter((question) => question.includes('GETSERVERDEFAULTS'))).toHaveLength(1)
    const sent = setup.hdfs.dn.questions.map(
      (question) => new URL(question.split(' ')[1] ?? '', 'http://dn').searchParams,
    )
    expect(sent.map((query) => [query.get('replication'), query.get('blocksize')])).toEqual([
      ['2', '1048576'],
      ['2', '512'],
    ])
  })

  test('and left to an HDFS that does not tell its defaults is the limit', async () => {
    limit({ replication: 1 })
    await ask(setup, 'PUT', CREATE, { body: 'a' })
    expect(setup.hdfs.dn.questions[0]).toContain('replication=1')
  })
})

describe('what is sent', () => {
  test('and announced as too much is refused before a byte moves', async () => {
    limit({ fileBytes: 4 })
    for (const path of ['/webhdfs/v1/team/quant/a?op=CREATE', CREATE, APPEND]) {
      const answer = await ask(setup, path === APPEND ? 'POST' : 'PUT', path, { body: 'hello' })
      expect([answer.status, messageOf(answer)]).toEqual([
        403,
        expect.stringContaining('5 where 4 is the most (file-too-large)'),
      ])
      expect(setup.audit.lines.at(-2)).toContain('deny file-too-large')
    }
    expect(questions()).toEqual([])
  })

  test('up to the limit is written, announced or not', async () => {
    limit({ fileBytes: 5 })
    expect((await ask(setup, 'PUT', CREATE, { body: 'hello' })).status).toBe(201)
    expect((await ask(setup, 'PUT', CREATE, { body: 'hello', headers: chunked })).status).toBe(201)
    expect(setup.hdfs.dn.seen.map(({ body }) => body)).toEqual(['hello', 'hello'])
  })

  test('beyond the limit is cut there: no byte too many reaches HDFS, and the file is removed', async () => {
    limit({ fileBytes: 8 })
    const request = httpRequest({
      host: '127.0.0.1',
      port: setup.gateway.port,
      method: 'PUT',
      path: CREATE,
      headers: chunked,
      agent: false,
    })
    request.on('error', () => {})
    request.write('first')
    await expect.poll(() => setup.hdfs.dn.seen[0]?.body).toBe('first')
    request.write('more')
    const [response] = await once(request, 'response')
    expect(response.statusCode).toBe(403)
    let body = ''
    for await (const chunk of response) body += chunk
    expect(messageOf({ status: 403, headers: {}, body })).toMatch(
      /^CREATE of \/team\/quant\/a stopped: .* \(file-too-large\)$/,
    )
    await ended('end 403 wrote 5 cut removed')
    expect([reason(), counted()]).toEqual(['file-too-large', ['allow granted', 'deny file-too-large']])
    expect(setup.hdfs.dn.seen.map((seen) => seen.body)).toEqual(['first'])
    expect(questions().at(-1)).toBe('DELETE /team/quant/a?op=DELETE&recursive=false')
  })

  test('to a file that stands counts on top of it', async () => {
    limit({ fileBytes: 8 })
    const announced = await ask(setup, 'POST', APPEND, { body: 'more' })
    expect([announced.status, messageOf(announced)]).toEqual([
      403,
      expect.stringContaining('9 bytes where 8 is the most'),
    ])
    await ended('end 403')
    expect([reason(), setup.hdfs.dn.seen]).toEqual(['file-too-large', []])
    expect((await ask(setup, 'POST', APPEND, { body: 'mor' })).status).toBe(200)
    const streamed = await ask(setup, 'POST', APPEND, { body: 'more', headers: chunked })
    expect(streamed.status).toBe(403)
    await ended('end 403 cut left')
    expect(setup.hdfs.dn.seen.map(({ body }) => body)).toEqual(['mor', ''])
  })

  test('is not sent when nobody can say how long the file is', async () => {
    limit({ fileBytes: 8 })
    setup.hdfs.nn1.handle = (_, response) => json(response, 200, { FileStatus: { fileId: 7 } })
    expect((await ask(setup, 'POST', APPEND, { body: 'm' })).status).toBe(500)
    setup.hdfs.nn1.handle = (_, response) => exception(response, 'FileNotFoundException', 'no such file', 404)
    expect((await ask(setup, 'POST', APPEND, { body: 'm' })).status).toBe(404)
    expect(setup.hdfs.dn.seen).toEqual([])
    const healthy = setup.hdfs.nn2.handle
    setup.hdfs.nn1.handle = (request, response, seen) =>
      seen.method === 'GET' ? exception(response, 'AccessControlException') : healthy(request, response, seen)
    expect((await ask(setup, 'POST', APPEND, { body: 'm' })).status).toBe(403)
    expect(setup.hdfs.dn.seen.map(({ body }) => body)).toEqual([''])
  })

  test('in shadow is neither cut nor changed, and the record can say what would have been', async () => {
    limit({ fileBytes: 4, replication: 1 }, { mode: 'shadow' })
    expect((await ask(setup, 'PUT', CREATE, { body: 'hello' })).status).toBe(201)
    expect(setup.hdfs.dn.questions[0]).not.toContain('replication')
    expect(setup.audit.lines[0]).toBe('start CREATE /team/quant/a allow shadow')
    expect((await ask(setup, 'PUT', CREATE, { body: 'hello', headers: chunked })).status).toBe(201)
  })
})
