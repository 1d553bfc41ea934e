/** The gateway as an HTTP server: what reaches it malformed, misnamed or in a form of its own goes nowhere. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, messageOf, type Setup, sendRaw, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const asked = () => [...setup.hdfs.nn1.questions, ...setup.hdfs.nn2.questions]

test('JSON for a Java client has no Content-Type, for others it has', async () => {
  const java = await ask(setup, 'GET', '/webhdfs/v1?op=GETHOMEDIRECTORY', {
    headers: { 'x-hadoop-accept-ez': 'true' },
  })
  expect(java.headers['content-type']).toBeUndefined()
  const other = await ask(setup, 'GET', '/webhdfs/v1?op=GETHOMEDIRECTORY')
  expect(other.headers['content-type']).toBe('application/json')
})

test.each(['HEAD', 'OPTIONS', 'PATCH', 'TRACE'])('%s is no method of ours', async (method) => {
  const answer = await ask(setup, method, '/webhdfs/v1/data/market/x?op=OPEN')
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, POST, DELETE' } })
  expect(asked()).toEqual([])
})

test.each(['evil.example', 'evil.example:9870', '127.0.0.1', 'localhost:1', 'nn1.lab:9871'])(
  'a Host of %s is refused: a page may point its own name here',
  async (host) => {
    const answer = await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS', { headers: { host } })
    expect([answer.status, messageOf(answer)]).toEqual([403, expect.stringContaining('(bad-host)')])
    expect(asked()).toEqual([])
  },
)

test.each([
  ['a script or a form', { origin: 'http://evil.example' }],
  ['a sandboxed page', { origin: 'null' }],
  ['a page of our own name', { origin: 'http://localhost' }],
  ['an image', { 'sec-fetch-site': 'cross-site' }],
])(
  'what a browser sends for %s is refused, also for step one and for what HDFS is not asked',
  async (_what, headers) => {
    for (const [method, path] of [
      ['GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS'],
      ['GET', '/webhdfs/v1?op=GETHOMEDIRECTORY'],
      ['PUT', '/webhdfs/v1/team/quant/x?op=CREATE'],
    ] as const) {
      const answer = await ask(setup, method, path, { headers })
      expect([answer.status, messageOf(answer)]).toEqual([403, expect.stringContaining('(web-page)')])
    }
    expect(asked()).toEqual([])
  },
)

test('a second Host is refused, whichever is ours', async () => {
  const ours = `Host: localhost:${setup.gateway.port}\r\n`
  for (const hosts of [`${ours}Host: evil.example\r\n`, `Host: evil.example\r\n${ours}`, `${ours}${ours}`]) {
    const line = 'GET /webhdfs/v1/data/market/x?op=GETFILESTATUS HTTP/1.1\r\n'
    expect(await sendRaw(setup, `${line}${hosts}Connection: close\r\n\r\n`)).toContain('(bad-host)')
  }
  expect(asked()).toEqual([])
})

test.each(['localhost', '[::1]', 'LAB'])('a Host of %s and our port is ours', async (name) => {
  const host = `${name}:${setup.gateway.port}`
  const answer = await ask(setup, 'GET', '/webhdfs/v1?op=GETHOMEDIRECTORY', { headers: { host } })
  expect(answer.status).toBe(200)
})

test.each([
  ['an absolute form', 'GET http://nn1.lab:9871/webhdfs/v1/data/market/x?op=GETFILESTATUS HTTP/1.1'],
  ['dots that a URL library would resolve', 'GET /x/../webhdfs/v1/data/market/x?op=GETFILESTATUS HTTP/1.1'],
  ['a backslash that a URL library would turn', 'GET \\webhdfs\\v1\\data\\market\\x?op=GETFILESTATUS HTTP/1.1'],
  ['a fragment', 'GET /webhdfs/v1/data/market/x?op=GETFILESTATUS#/../weather HTTP/1.1'],
  ['bytes beyond ASCII', 'GET /webhdfs/v1/data/market/\xe9?op=GETFILESTATUS HTTP/1.1'],
  ['NUL', 'GET /webhdfs/v1/data/market/\0?op=GETFILESTATUS HTTP/1.1'],
  ['another resource of a NameNode', 'GET /jmx HTTP/1.1'],
  ['a tunnel', 'CONNECT nn1.lab:9871 HTTP/1.1'],
])('%s in the request line reaches nobody', async (_what, line) => {
  const answer = await sendRaw(setup, `${line}\r\nHost: localhost:${setup.gateway.port}\r\nConnection: close\r\n\r\n`)
  expect(answer).not.toMatch(/^HTTP\/1.1 2/)
  expect(asked()).toEqual([])
})

test.each([
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
])('%s are malformed: nothing can be smuggled between them', async (_what, headers) => {
  const head = `PUT /webhdfs/v1/team/quant/a?op=MKDIRS HTTP/1.1\r\nHost: localhost:${setup.gateway.port}\r\n${headers}\r\n\r\nhello`
  expect(await sendRaw(setup, head)).toMatch(/^HTTP\/1.1 400 /)
  expect(asked()).toEqual([])
})

test('a header without end is refused', async () => {
  const answer = await sendRaw(setup, `GET /webhdfs/v1?op=OPEN HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 431 /)
})

test('a connection is kept for the next request', async () => {
  const head = `GET /webhdfs/v1/team/quant/a?op=OPEN HTTP/1.1\r\nHost: localhost:${setup.gateway.port}\r\n`
  const answer = await sendRaw(setup, `${head}\r\n${head}Connection: close\r\n\r\n`)
  expect(answer.match(/HTTP\/1.1 307/g)).toHaveLength(2)
})
