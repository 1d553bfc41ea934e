/** The walk as a client in the pod sees it: what is forwarded, what is refused, and what stands in the records. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { json, pageOf } from './fake-hdfs.ts'
import { ask, inTwoSteps, messageOf, type Setup, sendRaw, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const asked = () => [...setup.hdfs.nn1.questions, ...setup.hdfs.nn2.questions]

describe('an allowed operation', () => {
  test.each([
    ['GET', '/data/market/x?op=GETFILESTATUS', 'GET /webhdfs/v1/data/market/x?op=GETFILESTATUS'],
    ['GET', '/data/market?op=getcontentsummary&user.name=root', 'GET /webhdfs/v1/data/market?op=GETCONTENTSUMMARY'],
    ['GET', '/data/market?op=CHECKACCESS&fsaction=r-x', 'GET /webhdfs/v1/data/market?op=CHECKACCESS&fsaction=r-x'],
    [
      'PUT',
      '/team/quant//a%20b/?permission=0755&op=MKDIRS&overwrite=true&foo=bar',
      'PUT /webhdfs/v1/team/quant/a%20b?op=MKDIRS&permission=755',
    ],
    [
      'PUT',
      '/team/quant/a?op=RENAME&destination=%2Fteam%2Fquant%2Fb',
      'PUT /webhdfs/v1/team/quant/a?op=RENAME&destination=%2Fteam%2Fquant%2Fb',
    ],
    ['DELETE', '/team/quant/a?op=DELETE&recursive=True', 'DELETE /webhdfs/v1/team/quant/a?op=DELETE&recursive=true'],
  ])('%s %s reaches HDFS as %s', async (method, path, question) => {
    expect(await ask(setup, method, `/webhdfs/v1${path}`)).toMatchObject({ status: 200 })
    expect(asked()).toEqual([question])
  })

  test('reaches a NameNode without a body, a header or a parameter of the client', async () => {
    await ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=MKDIRS&user.name=hdfs&namenoderpcaddress=evil:1', {
      headers: {
        authorization: 'Negotiate abc',
        cookie: 'hadoop.auth=x',
        'x-hadoop-delegation-token': 'x',
        'x-hadoop-accept-ez': 'true',
        'x-forwarded-for': '10.0.0.1',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'doas=hdfs&delegation=x',
    })
    const [seen] = setup.hdfs.nn1.seen
    expect(seen?.url).toBe('/webhdfs/v1/team/quant/a?op=MKDIRS&delegation=DELEGATION-TOKEN-1')
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'host',
      'user-agent',
      'x-xsrf-header',
    ])
    expect(seen).toMatchObject({ body: '', headers: { 'content-length': '0', 'user-agent': 'kerbside' } })
  })

  test('stands in two records, the first before HDFS is asked', async () => {
    let before = 0
    setup.hdfs.nn1.handle = (_request, response) => {
      before = setup.audit.entries.length
      json(response, 200, { boolean: true })
    }
    await ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=RENAME&destination=/team/quant/b', {
      headers: { 'user-agent': 'curl/8' },
    })
    expect(before).toBe(1)
    expect(setup.audit.lines).toEqual(['start RENAME /team/quant/a to /team/quant/b allow granted', 'end 200'])
    const [start, end] = setup.audit.entries
    expect(start).toMatchObject({
      who: { identity: 'quant-research' },
      what: { dataset: 'quant-home', client: 'curl/8' },
      why: { grants: ['quant-home@quant/grants.yaml:10'], bundle: expect.stringContaining('sha256:') },
    })
    expect(end).toMatchObject({ what: (start as { what: unknown }).what })
  })

  test('is recorded with the parameters that decide, as they were given, and no other', async () => {
    const parametersOf = async (method: string, path: string) => {
      const before = setup.audit.entries.length
      await ask(setup, method, `/webhdfs/v1/team/quant/${path}`)
      const entries = setup.audit.entries.slice(before).filter((entry) => 'what' in entry)
      return entries.map(({ what }) => what.parameters)
    }
    const recursive = await parametersOf('DELETE', 'a?op=DELETE&Recursive=True&permission=755&password=x')
    expect(recursive).toEqual([{ recursive: 'true' }, { recursive: 'true' }])
    expect((await parametersOf('DELETE', 'a?op=DELETE'))[0]).toEqual({})
    expect((await parametersOf('PUT', 'a?op=MKDIRS&permission=755'))[0]).toBeUndefined()
    expect((await parametersOf('PUT', 'a?op=CREATE&step=2&overwrite=true&createparent=FALSE&blocksize=9'))[0]).toEqual({
      overwrite: 'true',
      createparent: 'false',
      blocksize: '9',
    })
    const rename = await parametersOf('PUT', 'a?op=RENAME&destination=/data/weather/a&renameoptions=overwrite')
    expect(rename[0]).toEqual({ renameoptions: 'OVERWRITE' })
  })

  test('is recorded with what it would have been, had everything in shadow been enforced', async () => {
    const slice = setup.slice.sent
    const deny = {
      ...slice.grants[0],
      name: 'wall',
      at: 'quant/grants.yaml:40',
      mode: 'shadow',
      effect: 'deny',
    } as const
    const grants = [...slice.grants, deny] as Slice['grants']
    const places = slice.places.map((place, index) => (index === 0 ? { ...place, grants: [0, 3] } : place))
    setup.slice.set({ ...slice, grants, places })
    await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS')
    setup.slice.set({ ...slice, mode: 'shadow' })
    await ask(setup, 'GET', '/webhdfs/v1/data/weather/x?op=GETFILESTATUS')
    await ask(setup, 'GET', '/webhdfs/v1/data/weather/../x?op=GETFILESTATUS')
    await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS')
    const starts = setup.audit.entries.filter((entry) => entry.kind === 'start').map(({ why }) => why)
    expect(starts).toMatchObject([
      {
        effect: 'allow',
        reason: 'granted',
        shadow: { effect: 'deny', reason: 'denied-by-grant', grants: ['wall@quant/grants.yaml:40'] },
      },
      { effect: 'allow', reason: 'shadow', shadow: { effect: 'deny', reason: 'no-dataset', grants: [] } },
      { effect: 'deny', reason: 'dot-segment' },
      { effect: 'allow', reason: 'granted' },
    ])
    expect(starts.map((why) => 'shadow' in why)).toEqual([true, true, false, false])
  })
})

describe('a denied operation', () => {
  test.each([
    ['GET', '/data/weather/x?op=OPEN', 'read /data/weather/x: the path is in no dataset', 'no-dataset'],
    ['GET', '/data/weather/x?op=OPEN&step=2', 'read /data/weather/x', 'no-dataset'],
    ['GET', '/data/market-restricted/x?op=GETFILESTATUS', 'stat /data/market-restricted/x', 'no-dataset'],
    ['PUT', '/data/market/x?op=CREATE', 'create /data/market/x', 'no-grant'],
    ['PUT', '/data/market/x?op=CREATE&step=2', 'create /data/market/x', 'no-grant'],
    ['POST', '/data/market/x?op=APPEND', 'append /data/market/x', 'no-grant'],
    ['PUT', '/data/market/x?op=MKDIRS', 'mkdir /data/market/x', 'no-grant'],
    ['DELETE', '/data/market/x?op=DELETE', 'delete /data/market/x', 'no-grant'],
    ['DELETE', '/team/quant?op=DELETE', 'delete /team/quant', 'protected-root'],
    ['GET', '/?op=GETCONTENTSUMMARY', 'list / and all below it', 'no-dataset'],
    ['PUT', '/team/quant/a?op=RENAME&destination=/data/weather/a', 'create /data/weather/a and all', 'no-dataset'],
    ['PUT', '/data/market/a?op=RENAME&destination=/team/quant/a', 'delete /data/market/a and all', 'no-grant'],
    ['PUT', '/team/quant/drop/a?op=CREATE&overwrite=true', 'overwrite /team/quant/drop/a', 'no-grant'],
    ['GET', '/data/weather/.snapshot/s0/x?op=OPEN', 'read /data/weather/x', 'no-dataset'],
    ['GET', '/data/.snapshot/s0/weather/x?op=OPEN', 'read /data/weather/x', 'no-dataset'],
    ['GET', '/team/quant/.snapshot/s0/x?op=OPEN', 'snap-read /team/quant/x', 'no-grant'],
  ])('%s %s is told why, recorded, and never reaches HDFS', async (method, path, sentence, reason) => {
    const answer = await ask(setup, method, `/webhdfs/v1${path}`)
    expect(answer.status).toBe(403)
    expect(messageOf(answer)).toContain(`quant-research may not ${sentence}`)
    expect(messageOf(answer)).toContain(`(${reason})`)
    expect(asked()).toEqual([])
    expect(setup.audit.lines).toEqual([expect.stringMatching(new RegExp(`^start .* deny ${reason}$`)), 'end 403'])
  })

  test('is counted by operation and reason', async () => {
    await ask(setup, 'GET', '/webhdfs/v1/data/weather/x?op=OPEN')
    await ask(setup, 'GET', '/webhdfs/v1/x?op=HARVEST')
    await ask(setup, 'GET', '/webhdfs/v1/data/market?op=GETFILESTATUS')
    expect(setup.gateway.counters().operations).toEqual([
      { operation: 'OPEN', effect: 'deny', reason: 'no-dataset', count: 1 },
      { operation: 'other', effect: 'deny', reason: 'unknown-operation', count: 1 },
      { operation: 'GETFILESTATUS', effect: 'allow', reason: 'granted', count: 1 },
    ])
  })
})

test('without a slice nothing is decided and nothing forwarded', async () => {
  setup.slice.set(undefined)
  const answer = await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS')
  expect([answer.status, messageOf(answer)]).toEqual([503, 'credentials are not there yet (not-ready)'])
  expect(asked()).toEqual([])
})

test('a request that never reaches policy is recorded too, without its query', async () => {
  await ask(setup, 'GET', '/webhdfs/v1/data/%2e%2e/x?op=OPEN&delegation=SECRET')
  expect(setup.audit.lines).toEqual(['start OPEN /webhdfs/v1/data/%2e%2e/x deny dot-segment', 'end 400'])
  expect(asked()).toEqual([])
})

test('GETHOMEDIRECTORY is the home of the identity, and HDFS is not asked', async () => {
  const answer = await ask(setup, 'GET', '/webhdfs/v1?op=GETHOMEDIRECTORY')
  expect(answer).toMatchObject({ status: 200, body: '{"Path":"/team/quant"}' })
  expect(asked()).toEqual([])
  expect(setup.audit.lines).toEqual(['start GETHOMEDIRECTORY / allow local-answer', 'end 200'])
})

test('a listing of an ancestor shows only what leads to a grant', async () => {
  const rows = ['market', 'market-restricted', 'weather'].map((pathSuffix) => ({ pathSuffix }))
  setup.hdfs.nn1.handle = (_request, response) => json(response, 200, pageOf(rows))
  const answer = await ask(setup, 'GET', '/webhdfs/v1/data?op=LISTSTATUS')
  expect(JSON.parse(answer.body).FileStatuses.FileStatus).toEqual([{ pathSuffix: 'market' }])
})

describe('an operation in two steps', () => {
  test('is first sent on to ourselves, where it is decided again', async () => {
    const first = await ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=CREATE&overwrite=true&user.name=root')
    expect(first.status).toBe(307)
    const location = `http://127.0.0.1:${setup.gateway.port}/webhdfs/v1/team/quant/a?op=CREATE&overwrite=true&step=2`
    expect(first.headers.location).toBe(location)
    expect(asked()).toEqual([])
    expect(setup.audit.lines).toEqual([])
  })

  test('names us as the client named us', async () => {
    const host = `localhost:${setup.gateway.port}`
    const first = await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN', { headers: { host } })
    expect(first.headers.location).toBe(`http://${host}/webhdfs/v1/data/market/x?op=OPEN&step=2`)
  })

  test('tells its second URL in the body to who asks for it there', async () => {
    const first = await ask(setup, 'POST', '/webhdfs/v1/team/quant/a?op=APPEND&noredirect=True')
    expect(first).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(first.body).Location).toContain('/webhdfs/v1/team/quant/a?op=APPEND&step=2')
  })

  test('moves the bytes, and tells nothing of where they went', async () => {
    const answer = await inTwoSteps(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=CREATE', 'hello')
    expect(answer).toMatchObject({ status: 201, body: '' })
    expect(JSON.stringify(answer)).not.toMatch(/TOKEN|hdfs:|hadoop.auth|localhost/)
    expect(setup.hdfs.dn.seen[0]).toMatchObject({
      url: '/webhdfs/v1/team/quant/a?op=CREATE&delegation=DELEGATION-TOKEN-1&namenoderpcaddress=lab',
      body: 'hello',
    })
    expect(setup.audit.lines).toEqual(['start CREATE /team/quant/a allow granted', 'end 201 wrote 5 complete'])
  })

  test('reads a file, and an edited offset is decided and sent like any other', async () => {
    const answer = await inTwoSteps(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN&buffersize=4096')
    expect(answer).toMatchObject({ status: 200, body: 'bytes', headers: { 'content-length': '5' } })
    await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN&buffersize=4096&step=2&offset=3')
    expect(setup.hdfs.dn.questions.at(-1)).toBe('GET /webhdfs/v1/data/market/x?op=OPEN&offset=3&buffersize=4096')
    expect(setup.audit.lines).toContain('end 200 read 5')
  })

  test('makes no parents where policy has no `mkdir`, and leaves it to HDFS where it has', async () => {
    await inTwoSteps(setup, 'PUT', '/webhdfs/v1/team/quant/drop/a?op=CREATE', 'x')
    await inTwoSteps(setup, 'PUT', '/webhdfs/v1/team/quant/b?op=CREATE', 'x')
    expect(setup.hdfs.dn.questions).toEqual([
      'PUT /webhdfs/v1/team/quant/drop/a?op=CREATE&createparent=false',
      'PUT /webhdfs/v1/team/quant/b?op=CREATE',
    ])
  })

  test('does not ask a client for a body before it is decided', async () => {
    const expectation = (path: string) =>
      sendRaw(
        setup,
        `PUT ${path} HTTP/1.1\r\nHost: localhost:${setup.gateway.port}\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
      )
    expect(await expectation('/webhdfs/v1/data/weather/a?op=CREATE&step=2')).toMatch(/^HTTP\/1.1 403 /)
    expect(await expectation('/webhdfs/v1/team/quant/a?op=CREATE')).toMatch(/^HTTP\/1.1 307 /)
    expect(asked()).toEqual([])
  })

  test('asks a client that waits, once it is decided', async () => {
    const { port } = setup.gateway
    const headers = { expect: '100-continue', 'content-length': '5' }
    const path = '/webhdfs/v1/team/quant/a?op=CREATE&step=2'
    const request = httpRequest({ host: '127.0.0.1', port, method: 'PUT', path, headers, agent: false })
    request.flushHeaders()
    await once(request, 'continue')
    expect(setup.audit.lines).toEqual(['start CREATE /team/quant/a allow granted'])
    request.end('hello')
    const [response] = await once(request, 'response')
    expect(response.statusCode).toBe(201)
  })
})
