/** Delegation tokens from real HDFS by SPNEGO: got, renewed, cancelled; over a failover without a KDC; and never from an impostor. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HOSTS } from '../../lab/addresses.ts'
import { issue } from '../../lab/certificates.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'
import { failOver } from '../gateway/fail-over.ts'
import { codeOf, World } from './world.ts'

const DAY = 86_400_000

let world: World
beforeAll(async () => {
  world = new World()
  await world.acquire()
})
afterAll(() => world.remove())

test('a token is of our principal, holds for a day, can be renewed for a week, and ends when it is cancelled', async () => {
  const got = await world.negotiate({ do: 'get' })
  expect(await world.ownerOf(got.token)).toMatch(/^\/\w+\/quant$/)
  expect(Math.abs(got.expiresAt - Date.now() - DAY)).toBeLessThan(DAY / 100)
  expect(Math.abs(got.maxAt - Date.now() - 7 * DAY)).toBeLessThan(DAY / 100)
  const renewed = await world.negotiate({ do: 'renew', token: got.token })
  expect(renewed).toMatchObject({ token: got.token, maxAt: got.maxAt, sequenceNumber: got.sequenceNumber })
  expect(renewed.expiresAt).toBeGreaterThan(got.expiresAt)
  await world.negotiate({ do: 'cancel', token: got.token })
  expect(await world.ownerOf(got.token)).toBe('InvalidToken')
  expect(await codeOf(world.negotiate({ do: 'renew', token: got.token }))).toBe('hdfs-refused-us')
})

test('the standby NameNode is passed over, wherever it stands in the list', async () => {
  const nameNodes = SLICE.cluster.nameNodes.toReversed()
  const { token } = await world.negotiate({ do: 'get' }, { nameNodes })
  await world.negotiate({ do: 'cancel', token }, { nameNodes })
  const [first, second] = await Promise.all(
    SLICE.cluster.nameNodes.map((nameNode) => codeOf(world.negotiate({ do: 'get' }, { nameNodes: [nameNode] }))),
  )
  expect([first, second].toSorted()).toEqual(['hdfs-no-active', 'no error'])
})

test('a failover needs no KDC, because the tickets for both NameNodes were fetched ahead', async () => {
  const { token } = await world.negotiate({ do: 'get' })
  const first = { nameNodes: SLICE.cluster.nameNodes.slice(0, 1) }
  const isFirstActive = (await codeOf(world.negotiate({ do: 'renew', token }, first))) === 'no error'
  const [active, standby] = isFirstActive ? (['nn1', 'nn2'] as const) : (['nn2', 'nn1'] as const)
  await failOver(world.lab, active, standby)
  await world.lab.stop('kdc')
  try {
    expect((await world.negotiate({ do: 'renew', token })).token).toBe(token)
    const other = await world.negotiate({ do: 'get' })
    for (const one of [token, other.token]) await world.negotiate({ do: 'cancel', token: one })
  } finally {
    await world.lab.start('kdc')
    await failOver(world.lab, standby, active)
  }
})

test('no NameNode there, none trusted, no ticket, or a ticket of someone else: each its own error', async () => {
  const nowhere = { nameNodes: ['https://nn1.lab:1'] }
  expect(await codeOf(world.negotiate({ do: 'get' }, nowhere))).toBe('hdfs-unreachable')
  const { certificatePem } = await makeAuthority()
  expect(await codeOf(world.negotiate({ do: 'get' }, { caPem: certificatePem }))).toBe('hdfs-untrusted')
  expect(await codeOf(world.negotiate({ do: 'get' }, { principal: 'climate@LAB' }))).toBe('kerberos-failed')
})

describe('a server with a good certificate, at the name of a NameNode, that has not its key', () => {
  const impostor = { nameNodes: ['https://nn1.lab:9999'] }
  const heard: string[] = []
  let proof: string | undefined
  let server: Server

  beforeAll(async () => {
    const { certificate, key } = await issue(world.lab.folder, {
      file: 'impostor',
      commonName: 'nn1.lab',
      hosts: ['nn1.lab'],
    })
    server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
      heard.push(request.headers.authorization ?? '')
      if (proof !== undefined) response.setHeader('www-authenticate', proof)
      response.end('{"Token":{"urlString":"aW1wb3N0b3I"}}')
    })
    server.listen(9999, HOSTS['nn1.lab'])
    await once(server, 'listening')
  })
  afterAll(() => server.close())
  beforeEach(() => {
    heard.length = 0
  })
  afterEach(() => expect(heard).toEqual([expect.stringMatching(/^Negotiate [\w+/=]+$/)]))

  test('is not believed when it proves nothing', async () => {
    proof = undefined
    expect(await codeOf(world.negotiate({ do: 'get' }, impostor))).toBe('hdfs-untrusted')
  })

  test('is not believed when it makes a proof up', async () => {
    proof = `Negotiate ${Buffer.from('made up').toString('base64')}`
    expect(await codeOf(world.negotiate({ do: 'get' }, impostor))).toBe('hdfs-untrusted')
  })

  test('is not believed when it says that all is complete, but proves nothing (SPNEGO accept-completed)', async () => {
    proof = `Negotiate ${Buffer.from([0xa1, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x0a, 0x01, 0x00]).toString('base64')}`
    expect(await codeOf(world.negotiate({ do: 'get' }, impostor))).toBe('hdfs-untrusted')
  })

  test('is not given our ticket-granting ticket', async () => {
    proof = undefined
    await codeOf(world.negotiate({ do: 'get' }, impostor))
    // A delegated ticket would make the request about twice as long (KRB-CRED in the checksum, RFC 4121 §4.1.1).
    expect(heard[0]?.length).toBeLessThan(1500)
  })
})
