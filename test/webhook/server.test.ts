/** The webhook over real HTTPS: verdicts as the API server reads them, and a denial for everything that goes wrong. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { applyPatch } from '../../src/core/identity/json-patch.ts'
import { POD, podWithContainer } from '../core/identity/world.ts'
import { normal, patchIn, responseOf, review, startWebhook, type Webhook } from './in-process.ts'

let webhook: Webhook
const call: Webhook['call'] = (...request) => webhook.call(...request)
beforeAll(async () => {
  webhook = await startWebhook()
})
afterAll(() => webhook.stop())
beforeEach(() => {
  Object.assign(webhook.world, { decide: normal, problem: undefined, isEnding: false })
  webhook.takeLog()
})

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
  webhook.world.decide = () => {
    throw new Error('canary-in-the-message')
  }
  const answer = await call('POST', '/mutate', review(POD))
  expect(responseOf(answer)).toMatchObject({ allowed: false, auditAnnotations: { reasons: 'internal-error' } })
  const logged = webhook.takeLog()
  expect(answer.body + logged).not.toContain('canary-in-the-message')
  expect(logged).toContain('server.test.ts')
})

test('a warning is as long as the API server takes one', async () => {
  webhook.world.decide = () => ({ effect: 'admit', identity: 'quant', patch: [], warnings: ['w'.repeat(300), 'short'] })
  expect(responseOf(await call('POST', '/mutate', review(POD)))['warnings']).toEqual(['w'.repeat(250), 'short'])
})

test('a large pod is taken', async () => {
  const env = Array.from({ length: 20_000 }, (_, index) => ({ name: `V${index}`, value: 'x'.repeat(100) }))
  expect(responseOf(await call('POST', '/mutate', review(podWithContainer({ env }))))).toMatchObject({ allowed: true })
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
  const problem = 'the webhook configurations do not carry our CA yet'
  webhook.world.problem = problem
  expect(await call('GET', '/readyz')).toMatchObject({ status: 503, body: problem })
  webhook.world.problem = undefined
  webhook.world.isEnding = true
  expect((await call('GET', '/readyz')).status).toBe(503)
  const answer = await call('POST', '/mutate', review(POD))
  expect(responseOf(answer)).toMatchObject({ allowed: true })
  expect(answer.headers['connection']).toBe('close')
  expect((await call('GET', '/healthz')).status).toBe(200)
})

test('a renewed certificate is used by the next connection, without a restart', async () => {
  const before = await call('GET', '/healthz')
  await webhook.renew()
  webhook.hangUp()
  const after = await call('GET', '/healthz')
  expect(after.certificate).not.toBe(before.certificate)
})

test('decisions are counted by stage, effect and reason', async () => {
  webhook.metrics.registry.resetMetrics()
  await call('POST', '/mutate', review(POD))
  await call('POST', '/validate', review({ ...POD, spec: { ...POD.spec, hostPID: true } }))
  const { body, headers } = await call('GET', '/metrics')
  expect(headers['content-type']).toContain('text/plain')
  expect(body).toContain('kerbside_admission_decisions_total{stage="mutate",effect="admit",reason=""} 1')
  expect(body).toContain('kerbside_admission_decisions_total{stage="validate",effect="deny",reason="host-pid"} 1')
  expect(body).toContain(
    'kerbside_admission_decisions_total{stage="validate",effect="deny",reason="sidecar-missing"} 1',
  )
  expect(body).toContain('kerbside_admission_duration_seconds_count{stage="validate"} 1')
})
