/** A disk that hangs, which no real one does when asked, is a fake: who sends a batch and is gone before it is written holds its room. */
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import Fastify from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Acknowledged } from '../../src/broker/audit/intake.ts'
import { batchRoom } from '../../src/broker/audit/room.ts'
import { addAuditRoute } from '../../src/broker/audit/route.ts'
import type { BrokerServer } from '../../src/broker/server.ts'
import { issueLeaf } from '../../src/io/tls/certificates.ts'
import { makeAuthority } from '../sidecar/policy/loopback-broker.ts'

const POD = '0b9e6a5e-0000-4000-8000-000000000001'
const CLAIMS = {
  podUid: POD,
  namespace: 'ml-quant',
  pod: 'train-0',
  serviceAccount: 'trainer',
  expiresAt: Number.POSITIVE_INFINITY,
}
const BODY = '0\n'

const hanging: ((taken: Acknowledged) => void)[] = []
const room = batchRoom({ bytes: 100, ofOnePod: 1 })
let server: BrokerServer
let ca: string
let closed = 0

beforeEach(async () => {
  const authority = await makeAuthority()
  const { certificatePem: cert, keyPem: key } = await issueLeaf(authority, ['127.0.0.1'], Date.now())
  server = Fastify({ https: { cert, key } })
  ca = authority.certificatePem
  addAuditRoute(server, {
    intake: { take: () => new Promise((resolve) => hanging.push(resolve)) },
    writers: async () => CLAIMS,
    webhook: 'kerbside/kerbside-webhook',
    log: { warn: () => {}, error: () => {} },
    onBatch: () => {},
    onRefused: () => {},
    room,
  })
  server.server.on('secureConnection', (socket) => socket.once('close', () => closed++))
  await server.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => server.close())

const isFree = (): boolean => {
  const leave = room.take(POD, 1)
  leave?.()
  return leave !== undefined
}

it('until it is written: its bytes are in memory as long, and whoever hangs up a thousand times would have them all there', async () => {
  const { port } = server.server.address() as AddressInfo
  const headers = [
    'Host: a',
    'Authorization: Bearer a',
    'Content-Type: application/x-ndjson',
    `Content-Length: ${BODY.length}`,
  ]
  const socket = connect({ port, host: '127.0.0.1', ca }).end(
    ['POST /v1/audit HTTP/1.1', ...headers, '', BODY].join('\r\n'),
  )
  await expect.poll(() => hanging.length).toBe(1)
  socket.destroy()
  await expect.poll(() => closed).toBe(1)
  expect(isFree()).toBe(false)
  hanging[0]?.({ next: 1, fresh: 1 })
  await expect.poll(isFree).toBe(true)
})
