/** The webhook over real HTTPS: verdicts as the API server reads them, and a denial for everything that goes wrong. */
import { type Agent, Agent as HttpsAgent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Admission, Verdict } from '../../src/core/identity/admission.ts'
import { evaluate } from '../../src/core/identity/evaluate.ts'
import type { Json, JsonObject } from '../../src/core/identity/json.ts'
import { applyPatch } from '../../src/core/identity/json-patch.ts'
import { type Authority, ensureAuthority, issueLeaf } from '../../src/io/certificates.ts'
import { webhookMetrics } from '../../webhook/metrics.ts'
import { type WebhookServer, webhookServer } from '../../webhook/server.ts'
import { BUNDLE, INJECTION, POD, podWithContainer } from '../core/identity/world.ts'

const logged: string[] = []
const log = pino({}, { write: (line: string) => void logged.push(line) })
const metrics = webhookMetrics()
const normal = (admission: Admission): Verdict => evaluate(admission, BUNDLE, INJECTION)
let decide = normal
let problem: string | undefined
let isEnding = false
let authority: Authority
let server: WebhookServer
let agent: Agent

const renew = async () => {
  const leaf = await issueLeaf(authority, ['localhost'], Date.now())
  server.server.setSecureContext({ cert: leaf.certificatePem, key: leaf.keyPem })
  return leaf
}
beforeAll(async () => {
  authority = await ensureAuthority({ read: async () => undefined, create: async () => true }, Date.now())
  server = webhookServer({
    log,
    metrics,
    evaluate: (admission) => decide(admission),
    notReady: () => problem,
    isEnding: () => isEnding,
  })
  await renew()
  await server.listen({ host: '127.0.0.1', port: 0 })
  agent = new HttpsAgent({ ca: authority.certificatePem, keepAlive: true, maxSockets: 8 })
})
afterAll(async () => {
  agent.destroy()
  await server.close()
})
beforeEach(() => {
  decide = normal
  problem = undefined
  isEnding = false
})

type Answer = { status: number; body: string; headers: NodeJS.Dict<string | string[]>; certificate: string }

function call(method: string, path: string, body?: string): Promise<Answer> {
  const { port } = server.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const outgoing = request(
      { host: '127.0.0.1', servername: 'localhost', port, method, path, headers, agent },
      (incoming) => {
        const socket = incoming.socket as import('node:tls').TLSSocket
        const certificate = socket.getPeerCertificate().fingerprint256
        let text = ''
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: text, headers: incoming.headers, certificate }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const review = (object: unknown, about: JsonObject = {}) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u-1', kind: { kind: 'Pod' }, namespace: 'ml-quant', operation: 'CREATE', object, ...about },
  })
const responseOf = ({ body }: Answer) => JSON.parse(body).response as { [key: string]: Json }
const patchIn = (answer: Answer) => JSON.parse(Buffer.from(String(responseOf(answer)['patch']), 'base64').toString())

test('a pod that is right gets its patch, and the patched pod passes the final look without one', async () => {
  const answer = await call('POST', '/mutate', review(POD))
  expect(JSON.parse(answer.body)).toMatchObject({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u-1', allowed: true, patchType: 'JSONPatch', auditAnnotations: { identity: 'quant-research' } },
  })
  const final = await call('POST', '/validate', review(applyPatch(POD, patchIn(answer))))
  expect(responseOf(final)).toEqual({ uid: 'u-1', allowed: true, auditAnnotations: { identity: 'quant-research' } })
})

test('a pod that is wrong is denied with every reason, for kubectl and for the audit log', async () => {
  const answer = await call('POST', '/mutate', review({ ...POD, spec: { ...POD.spec, hostPID: true, hostIPC: true } }))
  expect(responseOf(answer)).toMatchObject({
    allowed: false,
    status: { code: 403, message: expect.stringMatching(/^\[host-pid\] .*\n\[host-ipc\] /) },
    auditAnnotations: { reasons: 'host-pid,host-ipc' },
  })
})

test('an exception on the way is a denial, and its message stays inside', async () => {
  decide = () => {
    throw new Error('canary-in-the-message')
  }
  const answer = await call('POST', '/mutate', review(POD))
  expect(responseOf(answer)).toMatchObject({ allowed: false, auditAnnotations: { reasons: 'internal-error' } })
  expect(answer.body + logged.join('')).not.toContain('canary-in-the-message')
  expect(logged.join('')).toContain('server.test.ts')
})

test('what is no review of a pod is refused, and never admitted', async () => {
  const bodies = [
    '',
    'x',
    '{}',
    '[]',
    'null',
    review(POD, { kind: { kind: 'Job' } }),
    review(POD, { operation: 'DELETE' }),
  ]
  for (const body of bodies) expect((await call('POST', '/mutate', body)).status, body).toBe(400)
  expect((await call('POST', '/mutate', 'x'.repeat(7 * 1024 * 1024 + 1)).catch(() => ({ status: 413 }))).status).toBe(
    413,
  )
  expect((await call('POST', '/mutate', review(POD, { uid: null }))).status).toBe(400)
  expect((await call('GET', '/mutate')).status).toBe(404)
})

test('a large pod is taken', async () => {
  const env = Array.from({ length: 20_000 }, (_, index) => ({ name: `V${index}`, value: 'x'.repeat(100) }))
  expect(responseOf(await call('POST', '/mutate', review(podWithContainer({ env }))))).toMatchObject({ allowed: true })
})

test('keys that are names of every object are keys like others', async () => {
  const hostile = JSON.stringify(POD).replace(
    '"spec":{',
    '"spec":{"__proto__":{"hostNetwork":false},"constructor":{"prototype":1},',
  )
  const answer = await call('POST', '/mutate', review('POD').replace('"POD"', hostile))
  expect(responseOf(answer)).toMatchObject({ allowed: true })
  const inherited = JSON.stringify(POD).replace('"spec":{', '"spec":{"__proto__":{"hostNetwork":true},')
  expect(responseOf(await call('POST', '/mutate', review('POD').replace('"POD"', inherited)))).toMatchObject({
    allowed: true,
  })
})

test('nothing of a pod but its owner is logged or counted', async () => {
  logged.length = 0
  const canary = 'canary-3f9a'
  const pod = {
    ...podWithContainer({
      env: [{ name: 'PASSWORD', value: canary }],
      args: [canary],
      securityContext: { privileged: true },
    }),
    metadata: {
      labels: { 'kerbside.io/identity': `${canary}` },
      annotations: { note: canary },
      ownerReferences: [{ kind: 'Job', name: 'nightly' }],
    },
  }
  for (const path of ['/mutate', '/validate']) await call('POST', path, review(pod))
  await call('POST', '/mutate', review({ ...pod, spec: canary }))
  await call('POST', '/mutate', `{"request": "${canary}"`)
  expect(logged.join('')).toContain('Job/nightly')
  expect(logged.join('') + (await call('GET', '/metrics')).body).not.toContain(canary)
})

test('requests that come together do not mix', async () => {
  const asks = Array.from({ length: 60 }, (_, index) => index)
  const answers = await Promise.all(
    asks.map((index) => {
      const isQuant = index % 2 === 0
      const identity = isQuant ? 'quant-research' : 'climate-models'
      const pod = { ...POD, metadata: { labels: { 'kerbside.io/identity': identity } } }
      return call('POST', '/mutate', review(pod, { uid: `u${index}`, namespace: isQuant ? 'ml-quant' : 'ml-climate' }))
    }),
  )
  answers.forEach((answer, index) => {
    const identity = index % 2 === 0 ? 'quant-research' : 'climate-models'
    expect(responseOf(answer)).toMatchObject({ uid: `u${index}`, auditAnnotations: { identity } })
    expect(JSON.stringify(patchIn(answer))).toContain(`"HADOOP_USER_NAME","value":"${identity}"`)
  })
})

test('ready only when nothing is missing, and no longer once it ends; who still comes is served and sent away', async () => {
  expect((await call('GET', '/readyz')).status).toBe(200)
  problem = 'the webhook configurations do not carry our CA yet'
  expect(await call('GET', '/readyz')).toMatchObject({ status: 503, body: problem })
  problem = undefined
  isEnding = true
  expect((await call('GET', '/readyz')).status).toBe(503)
  const answer = await call('POST', '/mutate', review(POD))
  expect(responseOf(answer)).toMatchObject({ allowed: true })
  expect(answer.headers['connection']).toBe('close')
  expect((await call('GET', '/healthz')).status).toBe(200)
})

test('a renewed certificate is used by the next connection, without a restart', async () => {
  const before = await call('GET', '/healthz')
  await renew()
  agent.destroy()
  const after = await call('GET', '/healthz')
  expect(after.certificate).not.toBe(before.certificate)
})

test('decisions are counted by stage, effect and reason', async () => {
  metrics.registry.resetMetrics()
  await call('POST', '/mutate', review(POD))
  await call('POST', '/validate', review({ ...POD, spec: { ...POD.spec, hostPID: true } }))
  const { body, headers } = await call('GET', '/metrics')
  expect(headers['content-type']).toContain('text/plain')
  expect(body).toContain('kerbside_admission_decisions_total{stage="mutate",effect="admit",reason=""} 1')
  expect(body).toContain('kerbside_admission_decisions_total{stage="validate",effect="deny",reason="host-pid"} 1')
  expect(body).toContain(
    'kerbside_admission_decisions_total{stage="validate",effect="deny",reason="sidecar-missing"} 1',
  )
  expect(body).toContain('kerbside_admission_seconds_count{stage="validate"} 1')
})
