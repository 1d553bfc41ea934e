/** Connections to NameNodes over TLS: kept where nothing can be done twice, and where they are not, at least the session is. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Agents } from '../../../sidecar/gateway/agents.ts'
import { exchange } from '../../../sidecar/gateway/exchange.ts'
import { LIMITS } from '../../../sidecar/gateway/limits.ts'
import { issueLeaf } from '../../../src/io/tls/certificates.ts'
import { newAuthority } from './fake-hdfs.ts'

let caPem: string
let agents: Agents
const servers: Server[] = []
/** Port of each connection in the order of their coming, and whether it resumed the session of one before. */
let connections: [port: number, isResumed: boolean][]

beforeEach(async () => {
  const authority = await newAuthority()
  caPem = authority.certificatePem
  const { keyPem: key, certificatePem: cert } = await issueLeaf(authority, ['localhost'], Date.now())
  agents = new Agents(() => ({ caPem }))
  connections = []
  for (let index = 0; index < 2; index++) {
    const server = createServer({ key, cert }, (_request, response) => response.end('{}'))
    server.on('secureConnection', (socket) => connections.push([portOf(server), socket.isSessionReused()]))
    server.listen(0, 'localhost')
    await once(server, 'listening')
    servers.push(server)
  }
})
afterEach(() => {
  agents.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const portOf = (server: Server) => (server.address() as AddressInfo).port

async function ask(port: number, which: 'kept' | 'fresh') {
  const agent = agents[which]('https:')
  const answer = await exchange(
    { protocol: 'https:', host: 'localhost', port, method: 'GET', path: '/', agent },
    LIMITS,
  )
  expect(answer).toMatchObject({ status: 200 })
}

test('one connection to each NameNode carries all that is asked one after the other', async () => {
  const [one, other] = servers.map(portOf) as [number, number]
  for (const port of [one, other, one, other, one]) await ask(port, 'kept')
  expect(connections).toEqual([
    [one, false],
    [other, false],
  ])
})

test('what must not be sent twice has a connection of its own, which resumes the session of the one before', async () => {
  const [one] = servers.map(portOf) as [number]
  for (let times = 0; times < 3; times++) await ask(one, 'fresh')
  expect(connections).toEqual([
    [one, false],
    [one, true],
    [one, true],
  ])
})

test('neither connection nor session outlives the CA that it was trusted by', async () => {
  const [one] = servers.map(portOf) as [number]
  for (const which of ['kept', 'fresh'] as const) await ask(one, which)
  caPem = (await newAuthority()).certificatePem
  for (const which of ['kept', 'fresh'] as const) {
    const asked = { protocol: 'https:', host: 'localhost', port: one, method: 'GET', path: '/' } as const
    expect(await exchange({ ...asked, agent: agents[which]('https:') }, LIMITS)).toMatchObject({
      code: 'hdfs-untrusted',
    })
  }
})
