/** Health as kubelet and Prometheus read it: ready only with all four parts, and never a secret. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Standing as CredentialStanding } from '../../../sidecar/credentials/changes.ts'
import { type HealthServer, startHealthServer } from '../../../sidecar/health/health-server.ts'
import type { Measured } from '../../../sidecar/health/metrics.ts'
import type { Standing } from '../../../sidecar/health/standing.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import type { CredentialState } from '../../../src/core/kerberos/refresh.ts'

const NOW = 1_795_632_000_000
const READY: Standing = {
  policy: { state: 'ready', isShadow: false, silentMs: 2500, maxStaleMs: 3_600_000, lastError: undefined },
  credentials: {
    ticket: credential('ready', 36_000_000),
    delegationToken: credential('ready', 86_400_000),
    kvno: 3,
    kdcs: [{ kdc: 'kdc1.lab:88', isUp: true }],
    clockOffsetMs: -2000,
    failures: [],
  },
  gateway: 9870,
}

/** A credential that has been in its state for a minute. */
function credential(state: CredentialState, leftMs?: number, lastError?: KerbsideError): CredentialStanding {
  const expiresAt = leftMs === undefined ? undefined : NOW + leftMs
  return { state, since: NOW - 60_000, ageMs: leftMs === undefined ? undefined : 60_000, leftMs, expiresAt, lastError }
}
const credentialsWith = (change: Partial<Standing['credentials']>): Partial<Standing> => ({
  credentials: { ...READY.credentials, ...change },
})

let standing: Standing
let counters: Measured['counters']
let delivery: Measured['delivery']
let server: HealthServer
beforeEach(async () => {
  standing = READY
  counters = undefined
  delivery = undefined
  server = await startHealthServer(0, () => ({ standing, counters, delivery }))
})
afterEach(() => server.close())

async function get(path: string) {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
  return { status: answer.status, body: await answer.text() }
}

test('with all four parts it is ready, and says so in plain words', async () => {
  expect(await get('/readyz')).toEqual({
    status: 200,
    body: [
      'ready',
      'policy: ready',
      'ticket: ready since 2026-11-25T18:39:00Z, until 2026-11-26T04:40:00Z',
      'delegation token: ready since 2026-11-25T18:39:00Z, until 2026-11-26T18:40:00Z',
      'gateway: ready on 127.0.0.1:9870',
      '',
    ].join('\n'),
  })
})

test.each<[string, Partial<Standing>]>([
  ['policy', { policy: { ...READY.policy, state: 'pending' } }],
  ['policy that was refused', { policy: { ...READY.policy, state: 'closed' } }],
  ['a ticket', credentialsWith({ ticket: credential('pending') })],
  ['a ticket that holds', credentialsWith({ ticket: credential('expired', -1000) })],
  ['a delegation token', credentialsWith({ delegationToken: credential('pending') })],
  ['a gateway', { gateway: undefined }],
])('without %s it is not ready', async (_, missing) => {
  standing = { ...READY, ...missing }
  expect((await get('/readyz')).status).toBe(503)
  expect((await get('/healthz')).status).toBe(200)
})

test('what is stale still serves', async () => {
  const stale = credentialsWith({ ticket: credential('stale', 1000) })
  standing = { ...READY, policy: { ...READY.policy, state: 'stale' }, ...stale }
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
  standing = { ...READY, ...credentialsWith({ ticket: credential('pending', undefined, lastError) }) }
  const since = 'since 2026-11-25T18:39:00Z'
  const why = 'secret `hdfs/quant-research` `keytab` is nowhere (put it there)'
  expect((await get('/readyz')).body).toContain(`ticket: pending ${since}: ${why}\n`)
  standing = { ...READY, ...credentialsWith({ ticket: credential('stale', 60_000, lastError) }) }
  expect((await get('/readyz')).body).toContain(`ticket: stale ${since}, until 2026-11-25T18:41:00Z: ${why}\n`)
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
  expect(body).toContain('kerbside_policy_age_seconds 2.5\n')
  for (const line of body.trim().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) kerbside_\w+ .+|kerbside_\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? -?\d+(\.\d+)?)$/)
  }
})

test('credentials are measured by kind: what is left, how old, in which state, how often they failed', async () => {
  const failures = [{ kind: 'delegation token', code: 'hdfs-no-active', count: 2 }] as const
  const kdcs = [
    { kdc: 'kdc1.lab:88', isUp: true },
    { kdc: 'kdc2.lab:88', isUp: false },
    { kdc: 'kdc3.lab:88', isUp: true, isSilent: true },
  ] as const
  standing = { ...READY, ...credentialsWith({ failures, kdcs, ticket: credential('expired', -5000) }) }
  const lines = (await get('/metrics')).body.split('\n').filter((line) => /_(credential|keytab|kdc|clock)_/.test(line))
  expect(lines.filter((line) => !line.startsWith('#'))).toMatchInlineSnapshot(`
    [
      "kerbside_credential_expires_seconds{kind="ticket"} -5",
      "kerbside_credential_expires_seconds{kind="delegation-token"} 86400",
      "kerbside_credential_age_seconds{kind="ticket"} 60",
      "kerbside_credential_age_seconds{kind="delegation-token"} 60",
      "kerbside_credential_state{kind="ticket",state="pending"} 0",
      "kerbside_credential_state{kind="ticket",state="ready"} 0",
      "kerbside_credential_state{kind="ticket",state="stale"} 0",
      "kerbside_credential_state{kind="ticket",state="expired"} 1",
      "kerbside_credential_state{kind="delegation-token",state="pending"} 0",
      "kerbside_credential_state{kind="delegation-token",state="ready"} 1",
      "kerbside_credential_state{kind="delegation-token",state="stale"} 0",
      "kerbside_credential_state{kind="delegation-token",state="expired"} 0",
      "kerbside_credential_failures_total{kind="delegation-token",code="hdfs-no-active"} 2",
      "kerbside_keytab_kvno 3",
      "kerbside_kdc_up{kdc="kdc1.lab:88"} 1",
      "kerbside_kdc_up{kdc="kdc2.lab:88"} 0",
      "kerbside_kdc_up{kdc="kdc3.lab:88"} 0",
      "kerbside_clock_offset_seconds -2",
    ]
  `)
})

test('records that no broker has are counted, and it is told when none takes them, and why; nothing of it makes us unready', async () => {
  expect((await get('/metrics')).body).not.toMatch(/^kerbside_audit_(undelivered|delivery|log)/m)
  const refused = new Map([['forked', 2]])
  const room = { bytes: 7000, maxBytes: 9000 }
  delivery = { acknowledged: 5, written: 12, oldestAgeMs: 90_500, ...room, refused, problem: undefined }
  const lines = (await get('/metrics')).body.split('\n').filter((line) => line.startsWith('kerbside_audit_'))
  expect(lines).toEqual([
    'kerbside_audit_end_records_lost_total 0',
    'kerbside_audit_records_total 12',
    'kerbside_audit_undelivered_records 7',
    'kerbside_audit_undelivered_seconds 90.5',
    'kerbside_audit_delivery_failing 0',
    'kerbside_audit_batches_refused_total{reason="forked"} 2',
    'kerbside_audit_log_bytes 7000',
    'kerbside_audit_log_max_bytes 9000',
  ])
  const before = await get('/readyz')
  delivery = { ...delivery, problem: 'the broker takes no records: HTTP 503' }
  expect((await get('/metrics')).body).toContain('\nkerbside_audit_delivery_failing 1\n')
  expect(await get('/readyz')).toEqual(before)
})

test('before anything is there, every part is pending and no number is made up', async () => {
  const silentMs = Number.POSITIVE_INFINITY
  standing = {
    policy: { state: 'pending', isShadow: false, silentMs, maxStaleMs: 3_600_000, lastError: undefined },
    credentials: {
      ticket: credential('pending'),
      delegationToken: credential('pending'),
      kvno: undefined,
      kdcs: [],
      clockOffsetMs: undefined,
      failures: [],
    },
    gateway: undefined,
  }
  const { body } = await get('/metrics')
  expect(body).not.toMatch(/Infinity|NaN|undefined|kerbside_credential_expires_seconds\{|kvno \d|offset_seconds [\d-]/)
})

test('another page is not there, and a taken port is told as that', async () => {
  expect((await get('/')).status).toBe(404)
  await expect(startHealthServer(server.port, () => expect.unreachable())).rejects.toMatchObject({
    code: 'port-taken',
    message: `cannot listen on port ${server.port} for health and metrics`,
  })
})
