/** Secrets through the broker, on the real API server: whose pod gets them, what it gets, and who is sent away with nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSecrets } from '../../../src/core/identity/secrets-answer.ts'
import type { BrokerReason } from '../../../src/core/reasons.ts'
import { brokerStore } from '../../../src/io/broker/broker-store.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { api, type Installation, install, until } from '../admission/installation.ts'
import { asTenant, podNamed, pods } from '../admission/tenant.ts'
import { allowMinter, type StandingBroker, startBroker, tokenFor } from './standing-broker.ts'
import { type PoliciesThroughBroker, policiesThroughBroker, QUANT } from './through-broker.ts'

const KEYTAB = Buffer.from([5, 2, ...Array.from({ length: 256 }, (_, index) => 255 - index)])
const AUTHORITY = Buffer.from('-----BEGIN CERTIFICATE-----\n…')

let installation: Installation
let broker: StandingBroker
let folder: string
let policy: PoliciesThroughBroker

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-secrets-'))
  installation = await install()
  await allowMinter()
  policy = policiesThroughBroker(folder)
  await makeSecrets()
  writeFileSync(join(folder, 'secrets.yaml'), 'store: kubernetes\nnamespaces: [hdfs]\n')
  const args = ['--secrets', join(folder, 'secrets.yaml')]
  broker = await startBroker(installation.ca, { policies: policy.policies, args })
})
afterAll(async () => {
  await broker?.stop()
  const found = new Sweep({ keytab: KEYTAB }).find(broker.log())
  await api.kubectl(['delete', 'secret', 'lab', QUANT, '-n', 'hdfs'])
  await installation?.uninstall()
  rmSync(folder, { recursive: true })
  expect(found).toEqual([])
})

/** As an administrator allows it: these two Secrets, by their names, to the service account of the broker. */
async function makeSecrets(): Promise<void> {
  await api.namespace('hdfs')
  const metadata = { name: 'kerbside-broker', namespace: 'hdfs' }
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['lab', QUANT] }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }
  const subjects = [{ kind: 'ServiceAccount', name: 'kerbside-broker', namespace: 'kerbside' }]
  const secret = (name: string, key: string, bytes: Buffer) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'hdfs' },
    data: { [key]: bytes.toString('base64') },
  })
  await api.apply([
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects },
    secret('lab', 'ca.pem', AUTHORITY),
    secret(QUANT, 'keytab', KEYTAB),
  ])
}

const podOf = async (name: string) => {
  const { status, object } = await asTenant('POST', pods(), podNamed(name))
  expect(status, JSON.stringify(object)).toBe(201)
  return { kind: 'Pod' as const, name }
}

async function expectNothing(token: string, status: 401 | 403, reason: BrokerReason, identity = QUANT) {
  const answer = await broker.secrets(identity, token)
  const body = await buffer(answer)
  expect([answer.statusCode, JSON.parse(body.toString()).reason]).toEqual([status, reason])
  expect(new Sweep({ keytab: KEYTAB }).find(body)).toEqual([])
}

describe('a sidecar', () => {
  test('gets the keytab of its identity and the CA of its cluster, byte for byte', async () => {
    const token = await tokenFor({ boundTo: await podOf('gets-secrets') })
    const answer = await broker.secrets(QUANT, token)
    const body = await buffer(answer)
    expect(answer.statusCode, body.toString('latin1')).toBe(200)
    const given = readSecrets(body).map((one) => ('bytes' in one ? [one.key, [...one.bytes]] : [one.key, one.failed]))
    expect(given).toEqual([
      ['ca.pem', [...AUTHORITY]],
      ['keytab', [...KEYTAB]],
    ])
    await expect
      .poll(() => broker.log(), { timeout: 30_000 })
      .toMatch(/"pod":"gets-secrets".*"path":"hdfs\/quant-research".*secrets handed out/)
  })

  test('by its own store, and not when somebody else answers for the broker', async () => {
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, await tokenFor({ boundTo: await podOf('by-its-store') }))
    const at = { url: broker.url, identity: QUANT, ca: installation.ca, tokenFile }
    const ref = { path: 'hdfs/quant-research', key: 'keytab' }
    const store = brokerStore(at)
    expect([...(await store.fetch(ref, AbortSignal.timeout(60_000))).bytes]).toEqual([...KEYTAB])
    await store.close()
    const { certificatePem } = await makeAuthority()
    const deceived = brokerStore({ ...at, ca: certificatePem }).fetch(ref, AbortSignal.timeout(60_000))
    await expect(deceived).rejects.toMatchObject({ code: 'secret-unavailable' })
  })
})

describe('nothing is given', () => {
  test('to a token of another audience, of two, or with another signature', async () => {
    const boundTo = await podOf('secret-audiences')
    for (const audiences of [['https://kubernetes.default.svc'], ['kerbside.io', 'vault']]) {
      await expectNothing(await tokenFor({ boundTo, audiences }), 401, 'bad-token')
    }
    const [head, claims, signature = ''] = (await tokenFor({ boundTo })).split('.')
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    await expectNothing([head, claims, other].join('.'), 401, 'bad-token')
  })

  test('to a token that is bound to no pod', async () => {
    await expectNothing(await tokenFor({}), 403, 'not-pod-bound')
  })

  test('of an identity that the pod does not name', async () => {
    const token = await tokenFor({ boundTo: await podOf('secret-greedy') })
    for (const identity of ['climate-models', 'nobody', '__proto__', '../lab']) {
      await expectNothing(token, 403, 'other-identity', encodeURIComponent(identity))
    }
  })

  test('to a pod that was deleted, or is another one of its name', async () => {
    const token = await tokenFor({ boundTo: await podOf('secret-gone') })
    await asTenant('DELETE', `${pods()}/secret-gone`)
    await until('the pod to be gone', async () => (await asTenant('GET', `${pods()}/secret-gone`)).status === 404)
    // The API server no longer vouches for it, or says of which pod it was.
    expect([401, 403]).toContain(await statusOf(token))
    await podOf('secret-gone')
    expect([401, 403]).toContain(await statusOf(token))
  })

  test('for a question with a path in it', async () => {
    const token = await tokenFor({ boundTo: await podOf('secret-asker') })
    const answer = await broker.secrets(`${QUANT}&path=hdfs/lab`, token)
    expect([answer.statusCode, (await buffer(answer)).includes(AUTHORITY)]).toEqual([400, false])
  })

  // Last: policy does not come back.
  test('once policy says that the sidecar asks the store itself', async () => {
    const token = await tokenFor({ boundTo: await podOf('secret-revoked') })
    policy.takeBack()
    await expect.poll(() => statusOf(token), { timeout: 60_000 }).toBe(403)
    await expectNothing(token, 403, 'secrets-direct')
  })
})

async function statusOf(token: string): Promise<number | undefined> {
  const answer = await broker.secrets(QUANT, token)
  await buffer(answer)
  return answer.statusCode
}
