/** A credential that leaves a server is seen, however it leaves: whole, in pieces, among others, over any of its connections. */
import { once } from 'node:events'
import { createServer, get, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Sweep } from './sweep.ts'
import { search, type Watch, watchAnswers } from './watch-answers.ts'

const SECRET = 'GgAFcXVhbnQFcXVhbnQAigGb'
const sweep = new Sweep({ 'delegation token': SECRET })

let server: Server
let watch: Watch
let port = 0
let answer: RequestListener
beforeEach(async () => {
  watch = watchAnswers(sweep, (socket) => socket.localPort === port)
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  watch.stop()
  server.closeAllConnections()
  server.close()
})

async function ask(): Promise<void> {
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response')
  await once(response.resume(), 'end')
}

test.each<[string, RequestListener]>([
  ['in a body', (_request, response) => void response.end(`token ${SECRET}.`)],
  ['in a header', (_request, response) => void response.setHeader('x', SECRET).end()],
  ['in base64', (_request, response) => void response.end(Buffer.from(`xx${SECRET}`).toString('base64'))],
  [
    'across two chunks',
    (_request, response) => {
      response.writeHead(200, { 'content-length': SECRET.length })
      response.write(SECRET.slice(0, 9))
      setImmediate(() => response.end(SECRET.slice(9)))
    },
  ],
  ['as a cookie that nobody knew', (_request, response) => void response.setHeader('set-cookie', 'x=y').end()],
])('%s', async (_where, listener) => {
  answer = listener
  await ask()
  expect(watch.found).not.toEqual([])
})

test('an answer without one, and one of another server, are none', async () => {
  answer = (_request, response) => void response.end('nothing')
  await ask()
  watch.stop()
  answer = (_request, response) => void response.end(SECRET)
  await ask()
  expect(watch.found).toEqual([])
})

test('records and warnings are searched alike', () => {
  expect(search(sweep, Buffer.from(JSON.stringify([{ path: `/x/${SECRET}` }])))).toEqual(['delegation token as it is'])
})
