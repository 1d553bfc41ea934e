/** Connections to NameNodes that are opened ahead: used once, for the place and the CA that they were opened for, and never trusted more than others. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EarlyAgent } from '../../../sidecar/credentials/early-agent.ts'
import { httpsRequest, isUntrusted } from '../../../src/io/https-request.ts'
import { type Authority, issueLeaf } from '../../../src/io/tls/certificates.ts'
import { makeAuthority } from '../policy/loopback-broker.ts'

let ours: Authority
let another: Authority
let server: Server
let origin: string
let connections = 0

beforeAll(async () => {
  ;[ours, another] = await Promise.all([makeAuthority(), makeAuthority()])
  const leaf = await issueLeaf(ours, ['localhost'], Date.now())
  server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (request, response) => {
    response.end(String((request.socket as unknown as { servername: string }).servername))
  })
  server.on('secureConnection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `https://localhost:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const ask = (agent: EarlyAgent, ca = ours) =>
  httpsRequest({
    url: new URL(origin),
    method: 'GET',
    ca: ca.certificatePem,
    agent,
    signal: AbortSignal.timeout(60_000),
  })
const opened = (ca = ours) => {
  const agent = new EarlyAgent()
  agent.open({ nameNodes: [origin, 'https://localhost:1', 'http://localhost:1'], caPem: ca.certificatePem })
  return agent
}

test('the first request goes by the connection that was opened ahead', async () => {
  const agent = opened()
  const before = connections
  await expect.poll(() => connections, { timeout: 60_000 }).toBe(before + 1)
  expect((await ask(agent)).status).toBe(200)
  expect(connections).toBe(before + 1)
  agent.destroy()
})

test('it is given to one request: another one at the same time has its own', async () => {
  const agent = opened()
  const before = connections
  await expect.poll(() => connections, { timeout: 20_000 }).toBe(before + 1)
  const answers = await Promise.all([ask(agent), ask(agent)])
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(connections).toBe(before + 2)
  agent.destroy()
})

test('the connection names its server, so that one with several certificates shows the right one', async () => {
  const agent = opened()
  expect((await ask(agent)).body.toString()).toBe('localhost')
  agent.destroy()
})

test('a connection that was opened for another CA is not used: the request finds that the server is not trusted', async () => {
  const agent = opened()
  await expect(ask(agent, another).catch(isUntrusted)).resolves.toBe(true)
  agent.destroy()
})

test('a server that the CA does not vouch for is no more trusted ahead than later', async () => {
  const agent = opened(another)
  await expect(ask(agent, another).catch(isUntrusted)).resolves.toBe(true)
  await expect(ask(agent, another).catch(isUntrusted)).resolves.toBe(true)
  agent.destroy()
})

test('a connection that is gone again by then is replaced', async () => {
  const agent = opened()
  const before = connections
  await expect.poll(() => connections, { timeout: 60_000 }).toBe(before + 1)
  server.closeAllConnections()
  await expect.poll(async () => (await ask(agent).catch(() => undefined))?.status, { timeout: 60_000 }).toBe(200)
  agent.destroy()
})

test('what was opened is closed with the agent', async () => {
  const agent = opened()
  const before = connections
  await expect.poll(() => connections, { timeout: 60_000 }).toBe(before + 1)
  agent.destroy()
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  await expect.poll(open, { timeout: 60_000 }).toBe(0)
})
