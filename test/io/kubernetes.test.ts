/** How a program in a pod reaches the API server, from the files that the kubelet writes for its service account. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiRequest } from '../../src/io/api-server-request.ts'
import { podAccess } from '../../src/io/kubernetes.ts'
import { issueLeaf, LIVES, newAuthority } from '../../src/io/tls/certificates.ts'

let folder: string
let server: Server
let heard: { authorization: string | undefined; type: string | undefined; body: string }[]
let environment: Record<string, string>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-account-'))
  const authority = await newAuthority(Date.now(), LIVES)
  const leaf = await issueLeaf(authority, ['localhost'], Date.now())
  heard = []
  server = createServer({ cert: leaf.certificatePem, key: leaf.keyPem }, async (request, response) => {
    const pieces = (await request.toArray()) as Buffer[]
    const { authorization, 'content-type': type } = request.headers
    heard.push({ authorization, type, body: Buffer.concat(pieces).toString() })
    response.writeHead(200).end('{"kind":"Status"}')
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  writeFileSync(join(folder, 'ca.crt'), authority.certificatePem)
  writeFileSync(join(folder, 'token'), 'a-token\n')
  const { port } = server.address() as AddressInfo
  environment = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: String(port) }
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const get = { method: 'GET', path: '/api' } as const

test('it trusts the authority of the pod alone, and shows the token of its service account', async () => {
  const patch = { method: 'PATCH', path: '/api', body: [1], contentType: 'application/json-patch+json' } as const
  const access = podAccess(folder, environment)
  expect(await apiRequest(access, get)).toEqual({ status: 200, body: { kind: 'Status' } })
  expect(await apiRequest(access, patch)).toMatchObject({ status: 200 })
  expect(heard).toEqual([
    { authorization: 'Bearer a-token', type: 'application/json', body: '' },
    { authorization: 'Bearer a-token', type: 'application/json-patch+json', body: '[1]' },
  ])
})

test('a server that another authority vouches for is told nothing', async () => {
  const { certificatePem } = await newAuthority(Date.now(), LIVES)
  writeFileSync(join(folder, 'ca.crt'), certificatePem)
  await expect(apiRequest(podAccess(folder, environment), get)).rejects.toMatchObject({ code: 'io-failed' })
  expect(heard).toEqual([])
})

test.each([
  ['no service account', {}, 'ca.crt'],
  ['no API server', { KUBERNETES_SERVICE_HOST: '' }, 'token'],
])('where there is %s, it says how to go without', (_, without, file) => {
  const place = file === 'token' ? folder : join(folder, 'nowhere')
  expect(() => podAccess(place, { ...environment, ...without })).toThrow('a pod with a service account')
})

test('an address of IPv6 stands in brackets', () => {
  const access = podAccess(folder, {
    ...environment,
    KUBERNETES_SERVICE_HOST: 'fd00::1',
    KUBERNETES_SERVICE_PORT: '443',
  })
  expect(access.getCurrentCluster()?.server).toBe('https://[fd00::1]:443')
})
