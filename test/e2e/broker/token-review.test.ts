/** Who gets a slice from the broker, by the word of the real API server on real tokens and live pods. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSlice } from '../../../src/core/policy/slice-line.ts'
import type { BrokerReason } from '../../../src/core/reasons.ts'
import { BROKER_REASONS } from '../../../src/core/reasons.ts'
import { bodyOf, linesOf } from '../../broker/in-process.ts'
import { api, type Installation, install, until } from '../admission/installation.ts'
import { POD } from '../admission/restricted-pod.ts'
import { asTenant, podNamed, pods } from '../admission/tenant.ts'
import { allowMinter, type StandingBroker, startBroker, tokenFor } from './standing-broker.ts'

let installation: Installation
let broker: StandingBroker

beforeAll(async () => {
  installation = await install()
  await allowMinter()
  broker = await startBroker(installation.ca)
})
afterAll(async () => {
  await broker?.stop()
  await installation?.uninstall()
})

const QUANT = 'quant-research'
const podOf = async (name: string, more: object = {}) => {
  const { status, object } = await asTenant('POST', pods(), { ...podNamed(name), ...more })
  expect(status, JSON.stringify(object)).toBe(201)
  return { kind: 'Pod' as const, name }
}

async function expectRefusal(token: string, status: 401 | 403, reason: BrokerReason, identity = QUANT) {
  const answer = await broker.get(identity, token)
  const body = JSON.parse(await bodyOf(answer))
  expect([answer.statusCode, body]).toEqual([status, { reason, message: BROKER_REASONS[reason] }])
}

describe('a sidecar', () => {
  test('with the token of its living, admitted pod gets its slice', async () => {
    const token = await tokenFor({ boundTo: await podOf('served') })
    const answer = await broker.get(QUANT, token)
    expect(answer.statusCode, answer.statusCode === 200 ? '' : await bodyOf(answer)).toBe(200)
    const { value } = await linesOf(answer).next()
    expect(readSlice(value ?? '')).toMatchObject({ identity: QUANT, team: 'quant' })
    answer.destroy()
    for (const part of token.split('.')) expect(broker.log()).not.toContain(part)
  })
})

describe('a token is refused', () => {
  test('of the audience of the API server, of another, and of two', async () => {
    const boundTo = await podOf('audiences')
    for (const audiences of [['https://kubernetes.default.svc'], ['vault'], ['kerbside.io', 'vault']]) {
      await expectRefusal(await tokenFor({ boundTo, audiences }), 401, 'bad-token')
    }
  })

  test('that is bound to no pod, or to a Secret', async () => {
    await expectRefusal(await tokenFor({}), 403, 'not-pod-bound')
    await api.create('/api/v1/namespaces/ml-quant/secrets', { metadata: { name: 'binding' } })
    await expectRefusal(await tokenFor({ boundTo: { kind: 'Secret', name: 'binding' } }), 403, 'not-pod-bound')
  })

  test('with a single letter of its signature changed', async () => {
    const token = await tokenFor({ boundTo: await podOf('forged') })
    const [head, claims, signature = ''] = token.split('.')
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    await expectRefusal([head, claims, other].join('.'), 401, 'bad-token')
  })

  test('for an identity that its pod does not name', async () => {
    const token = await tokenFor({ boundTo: await podOf('greedy') })
    for (const identity of ['climate-models', 'nobody', 'constructor']) {
      await expectRefusal(token, 403, 'other-identity', identity)
    }
  })

  test('of a pod in another namespace that has the right label on it', async () => {
    const metadata = { name: 'foreign', labels: { 'kerbside.io/identity': 'climate-models' } }
    const { status } = await asTenant('POST', pods('ml-climate'), { ...POD, metadata })
    expect(status).toBe(201)
    const boundTo = { kind: 'Pod' as const, name: 'foreign' }
    await expectRefusal(await tokenFor({ namespace: 'ml-climate', boundTo }), 403, 'other-identity')
  })
})

describe('a pod is refused', () => {
  test('that is gone, also when another one has its name', async () => {
    const token = await tokenFor({ boundTo: await podOf('replaced') })
    await asTenant('DELETE', `${pods()}/replaced?gracePeriodSeconds=0`)
    await expectRefusal(token, 401, 'bad-token')
    await podOf('replaced')
    await expectRefusal(token, 401, 'bad-token')
  })

  test('that is being deleted', async () => {
    const name = 'leaving'
    const metadata = { ...POD.metadata, name, finalizers: ['example.org/hold'] }
    const token = await tokenFor({ boundTo: await podOf(name, { metadata }) })
    await asTenant('DELETE', `${pods()}/${name}`)
    await expectRefusal(token, 403, 'pod-gone')
    const patchType = 'application/merge-patch+json'
    await asTenant('PATCH', `${pods()}/${name}`, { metadata: { finalizers: null } }, { patchType })
  })

  test('that has ended', async () => {
    const token = await tokenFor({ boundTo: await podOf('ended') })
    const headers = { 'content-type': 'application/merge-patch+json' }
    const path = `${pods()}/ended/status`
    const { status, body } = await api.api(path, { method: 'PATCH', headers, body: { status: { phase: 'Succeeded' } } })
    expect(status, body).toBe(200)
    await expectRefusal(token, 403, 'pod-gone')
  })

  test('that came in while nobody was looking, and would not be admitted today', async () => {
    for (const [kind, name] of CONFIGURATIONS) await api.kubectl(['delete', kind, name])
    const unguarded = { kind: 'Pod' as const, name: 'unguarded' }
    for (let tries = 0; tries < 100; tries++) {
      const { object } = await asTenant('POST', pods(), podNamed('unguarded'))
      // The API server goes on asking a webhook for a moment after its configuration is gone.
      if (!('initContainers' in Object(object['spec'])) && object['kind'] === 'Pod') break
      await asTenant('DELETE', `${pods()}/unguarded?gracePeriodSeconds=0`)
    }
    await expectRefusal(await tokenFor({ boundTo: unguarded }), 403, 'pod-refused')
    await until('the broker to have logged it', async () => broker.log().includes('"detail":"sidecar-missing"'))
  })
})

const CONFIGURATIONS = [
  ['mutatingwebhookconfiguration', 'a-kerbside'],
  ['validatingwebhookconfiguration', 'kerbside'],
] as const

describe('a broker that may not ask', () => {
  test('serves nobody and refuses nobody: the sidecar is told to try again, the operator what is missing', async () => {
    const powerless = await startBroker(installation.ca, { serviceAccount: 'kerbside-webhook' })
    const answer = await powerless.get(QUANT, await tokenFor({ boundTo: await podOf('unlucky') }))
    expect([answer.statusCode, JSON.parse(await bodyOf(answer))]).toEqual([
      503,
      { message: 'it cannot be found out now who asks; try again' },
    ])
    const told = 'a TokenReview was answered with 403'
    await until('the broker to have logged it', async () => powerless.log().includes(told))
    await powerless.stop()
  })
})
