/**
 * The corpus of traps behind an API server that admits everything, as one whose webhooks and policies somebody took away: each
 * pod is really there, with the sidecar forced into it and a real token, and the broker has the last word.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Injection, toInjection } from '../../../src/core/identity/injection.ts'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { bodyOf } from '../../broker/in-process.ts'
import { sentenceOf, TRAPS } from '../../core/identity/corpus.ts'
import { withForcedSidecar } from '../../core/identity/forced.ts'
import { api, INJECTION_FILE, type Installation, install, until } from '../admission/installation.ts'
import { podSecurity, switchTo } from '../admission/layers.ts'
import { asTenant, podNamed, pods } from '../admission/tenant.ts'
import { allowMinter, type StandingBroker, startBroker, tokenFor } from './standing-broker.ts'

let installation: Installation
let injection: Injection
let broker: StandingBroker

beforeAll(async () => {
  installation = await install()
  injection = toInjection(readInjection(INJECTION_FILE, 'test'), installation.ca)
  await podSecurity('privileged')
  await allowMinter()
  broker = await startBroker(installation.ca)
  expect((await asTenant('POST', pods(), podNamed('train'))).status).toBe(201)
  await switchTo(new Set())
})
afterAll(async () => {
  await podSecurity('restricted')
  await broker?.stop()
  await installation?.uninstall()
})

const attempts = TRAPS.flatMap(({ name, tries, manifest }) =>
  tries.flatMap(({ request, outcome }) => {
    if (!('create' in request) || request.on !== undefined) return []
    const pod = manifest(request.create)
    const identity = Object(Object(pod['metadata']).labels)['kerbside.io/identity']
    const title = `${name}: ${sentenceOf({ request, outcome })}`
    return pod['kind'] === 'Pod' && typeof identity === 'string'
      ? [{ title, pod, identity, outcome, in: request.in }]
      : []
  }),
)
const refused = attempts.flatMap(({ outcome, ...attempt }) =>
  'by' in outcome && outcome.by.includes('broker') ? [{ ...attempt, denied: outcome.denied }] : [],
)
const served = attempts.filter(({ outcome }) => 'admitted' in outcome && outcome.admitted === 'with the sidecar')

/** The pod as it is stored; on no node. */
async function force(pod: JsonObject, namespace: string): Promise<{ status: number; object: JsonObject }> {
  const forced = withForcedSidecar(pod, injection)
  const spec = { ...Object(forced['spec']), nodeSelector: { nowhere: 'nowhere' } }
  const metadata = { ...Object(forced['metadata']), name: undefined, generateName: 'forced-' }
  // The name of the pod is what one of them is about.
  const name = Object(forced['metadata']).name
  const named = String(name).includes('.') ? { ...metadata, name } : metadata
  return asTenant('POST', pods(namespace), { ...forced, metadata: named, spec })
}

async function answerOf(stored: JsonObject, identity: string, namespace: string) {
  const { name, uid } = Object(stored['metadata'])
  const serviceAccount = Object(stored['spec']).serviceAccountName
  const token = await tokenFor({ namespace, serviceAccount, boundTo: { kind: 'Pod', name, uid } })
  const answer = await broker.get(identity, token)
  const served = answer.statusCode === 200
  const body = served ? {} : JSON.parse(await bodyOf(answer))
  answer.destroy()
  return { name, served, body }
}

describe('a pod that got past admission', () => {
  test('there are many of them', () => {
    expect([refused.length > 50, served.length > 10]).toEqual([true, true])
  })

  test.each(refused)('gets nothing from the broker: $title', async ({ pod, identity, denied, in: namespace }) => {
    const { status, object } = await force(pod, namespace)
    if (status === 422) {
      // Two containers of one name are no pod to any API server.
      expect([denied, object['message']]).toEqual(['reserved-name', expect.stringContaining('Duplicate value')])
      return
    }
    expect(status, JSON.stringify(object)).toBe(201)
    const before = broker.log().length
    const { name, served, body } = await answerOf(object, identity, namespace)
    await api.api(`${pods(namespace)}/${name}?gracePeriodSeconds=0`, { method: 'DELETE' })
    expect(served).toBe(false)
    // What can be no name is no question.
    if (denied === 'bad-label') return
    expect(body.reason).toBe('pod-refused')
    await until('the log to say why', async () => {
      const refusals = [
        ...broker
          .log()
          .slice(before)
          .matchAll(/"detail":"([^"]*)"/g),
      ]
      return refusals.some(([, reasons = '']) => reasons.split(', ').includes(denied))
    })
  })

  test.each(served)('is served where nothing is wrong with it: $title', async ({ pod, identity, in: namespace }) => {
    const { status, object } = await force(pod, namespace)
    expect(status, JSON.stringify(object)).toBe(201)
    const { name, served, body } = await answerOf(object, identity, namespace)
    await api.api(`${pods(namespace)}/${name}?gracePeriodSeconds=0`, { method: 'DELETE' })
    expect([served, body]).toEqual([true, {}])
  })
})
