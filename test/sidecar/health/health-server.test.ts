/** Health as kubelet and Prometheus read it: ready only with all four parts, and never a secret. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HealthServer, startHealthServer } from '../../../sidecar/health/health-server.ts'
import type { Measured } from '../../../sidecar/health/metrics.ts'
import type { Standing } from '../../../sidecar/health/standing.ts'
import { KerbsideError } from '../../../src/core/errors.ts'

const NOW = 1_795_632_000_000
const READY: Standing = {
  policy: { state: 'ready', isShadow: false, silentMs: 2500, maxStaleMs: 3_600_000, lastError: undefined },
  ticket: { state: 'ready', expiresAt: NOW + 36_000_000, lastError: undefined },
  delegationToken: { expiresAt: NOW + 86_400_000, lastError: undefined },
  gateway: 9870,
}

let standing: Standing
let counters: Measured['counters']
let server: HealthServer
beforeEach(async () => {
  standing = READY
  counters = undefined
  server = await startHealthServer(0, () => ({ standing, counters, now: NOW }))
})
afterEach(() => server.close())

async function get(path: string) {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
  return { status: answer.status, body: await answer.text() }
}

test('with all four parts it is ready, and says so in plain words', async () => {
  expect(await get('/readyz')).toEqual({
    status: 200,
    body: 'ready\npolicy: ready\nticket: ready\ndelegation token: ready\ngateway: ready on 127.0.0.1:9870\n',
  })
})

test.each<[string, Partial<Standing>]>([
  ['policy', { policy: { ...READY.policy, state: 'pending' } }],
  ['policy that was refused', { policy: { ...READY.policy, state: 'closed' } }],
  ['a ticket', { ticket: { ...READY.ticket, state: 'pending' } }],
  ['a ticket that holds', { ticket: { ...READY.ticket, state: 'expired' } }],
  ['a delegation token', { delegationToken: { expiresAt: undefined, lastError: undefined } }],
  ['a gateway', { gateway: undefined }],
])('without %s it is not ready', async (_, missing) => {
  standing = { ...READY, ...missing }
  expect((await get('/readyz')).status).toBe(503)
  expect((await get('/healthz')).status).toBe(200)
})

test('what is stale still serves', async () => {
  standing = { ...READY, policy: { ...READY.policy, state: 'stale' }, ticket: { ...READY.ticket, state: 'stale' } }
  expect((await get('/readyz')).status).toBe(200)
})

test('a broker that is not heard is told wherever somebody looks, with the time that is left', async () => {
  expect((await get('/metrics')).body).toContain('kerbside_policy_connected 1\n')
  const lastError = new KerbsideError('broker-unreachable', 'the broker: ECONNREFUSED')
  standing = { ...READY, policy: { ...READY.policy, state: 'stale', silentMs: 60_000, lastError } }
  const { status, body } = await get('/readyz')
  expect(status).toBe(200)
  expect(body).toContain('policy: stale, counts for another 3540 s: the broker: ECONNREFUSED\n')
  const { body: metrics } = await get('/metrics')
  expect(metrics).toContain('kerbside_policy_connected 0\n')
  expect(metrics).toContain('kerbside_policy_age_seconds 60\n')
  expect(metrics).toContain('kerbside_policy_max_age_seconds 3600\n')
})

test('a policy in shadow is told wherever somebody looks', async () => {
  expect((await get('/metrics')).body).toContain('kerbside_policy_shadow 0\n')
  standing = { ...READY, policy: { ...READY.policy, isShadow: true } }
  const { status, body } = await get('/readyz')
  expect([status, body]).toEqual([200, expect.stringContaining('policy: ready, in shadow: nothing is refused\n')])
  expect((await get('/metrics')).body).toContain('kerbside_policy_shadow 1\n')
})

test('it says why, and what to do', async () => {
  const lastError = new KerbsideError('secret-not-found', 'secret `hdfs/quant-research` `keytab` is nowhere', {
    hint: 'put it there',
  })
  standing = { ...READY, ticket: { state: 'pending', expiresAt: undefined, lastError } }
  const { body } = await get('/readyz')
  expect(body).toContain('ticket: pending: secret `hdfs/quant-research` `keytab` is nowhere (put it there)\n')
})

test('startup is over once it was ready, and stays over', async () => {
  standing = { ...READY, gateway: undefined }
  expect((await get('/startupz')).status).toBe(503)
  standing = READY
  expect((await get('/startupz')).status).toBe(200)
  standing = { ...READY, policy: { ...READY.policy, state: 'closed' } }
  expect((await get('/startupz')).status).toBe(200)
  expect((await get('/readyz')).status).toBe(503)
})

test('metrics in the text format, with labels that cannot break out', async () => {
  const operations = [{ operation: 'OPEN', effect: 'deny', reason: 'no-"\\\ndataset', count: 3 }] as const
  counters = { operations, bytesRead: 7, bytesWritten: 8, activeStreams: 2, cutStreams: 1, lostEndRecords: 0 }
  const { body } = await get('/metrics')
  expect(body).toContain('kerbside_operations_total{operation="OPEN",effect="deny",reason="no-\\"\\\\\\ndataset"} 3\n')
  expect(body).toContain('kerbside_bytes_total{direction="written"} 8\n')
  expect(body).toContain('kerbside_streams 2\n')
  expect(body).toContain('kerbside_ticket_expires_seconds 36000\n')
  expect(body).toContain('kerbside_policy_age_seconds 2.5\n')
  for (const line of body.trim().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) kerbside_\w+ .+|kerbside_\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? -?\d+(\.\d+)?)$/)
  }
})

test('before anything is there, every part is pending and no number is made up', async () => {
  const silentMs = Number.POSITIVE_INFINITY
  standing = {
    policy: { state: 'pending', isShadow: false, silentMs, maxStaleMs: 3_600_000, lastError: undefined },
    ticket: { state: 'pending', expiresAt: undefined, lastError: undefined },
    delegationToken: { expiresAt: undefined, lastError: undefined },
    gateway: undefined,
  }
  const { body } = await get('/metrics')
  expect(body).not.toMatch(/Infinity|NaN|undefined|kerbside_ticket_expires_seconds [\d-]/)
})

test('another page is not there, and a taken port is told as that', async () => {
  expect((await get('/')).status).toBe(404)
  await expect(startHealthServer(server.port, () => expect.unreachable())).rejects.toMatchObject({
    code: 'port-taken',
    message: `cannot listen on port ${server.port} for health and metrics`,
  })
})
