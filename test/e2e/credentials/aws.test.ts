/** The store `aws` against moto, with real service-account tokens: the contract by both ways to log in, and all faults. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { type AwsSettings, awsStore } from '../../../src/io/secret-stores/aws.ts'
import { BINARY, obeysTheContract, REF, refusal, shown } from '../../io/secret-stores/contract.ts'
import { bearsFaults } from '../../io/secret-stores/faults.ts'
import { type LoopbackService, startLoopbackService, watchTheWayOut } from '../../io/secret-stores/loopback-service.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { attach } from '../../lab/lab.ts'
import { AUDIENCE } from '../../lab/openbao.ts'
import { MOTO_URL } from '../../lab/parts/moto.ts'
import { AGENT, Amazon, REGION, ROLE, SECRETS, STS } from './amazon.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const cluster = kubernetes(lab.folder)
const NAMESPACE = `aws-test-${process.pid}`
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
const never = () => new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
const tokenFile = join(folder, 'token')
const admin = new SecretsManagerClient({
  ...{ region: REGION, endpoint: MOTO_URL, credentials: { accessKeyId: 'admin', secretAccessKey: 'admin' } },
})
let service: LoopbackService
let way: ReturnType<typeof watchTheWayOut>
let goodToken: string
let badTokens: Record<string, string>

async function tokenOf(account: string, audience: string): Promise<string> {
  const request = { spec: { audiences: [audience], expirationSeconds: 600 } }
  const { status } = await cluster.create<{ status: { token: string } }>(`${ACCOUNTS}/${account}/token`, request)
  return status.token
}

async function putSecret(
  ref: SecretRef,
  value: { SecretBinary: Uint8Array } | { SecretString: string },
): Promise<void> {
  const name = `${ref.path}/${ref.key}`
  await admin.send(new CreateSecretCommand({ Name: name, ...value })).catch(async (error: Error) => {
    if (error.name !== 'ResourceExistsException') throw error
    await admin.send(new PutSecretValueCommand({ SecretId: name, ...value }))
  })
}
const put = (ref: SecretRef, bytes: Uint8Array) => putSecret(ref, { SecretBinary: bytes })

beforeAll(async () => {
  await cluster.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  for (const name of ['trainer', 'stranger']) await cluster.create(ACCOUNTS, { metadata: { name } })
  goodToken = await tokenOf('trainer', AUDIENCE)
  badTokens = {
    'the API server as audience': await tokenOf('trainer', 'https://kubernetes.default.svc'),
    'another service account': await tokenOf('stranger', AUDIENCE),
    'no token': 'garbage',
  }
  const { iss } = JSON.parse(Buffer.from(goodToken.split('.')[1] ?? '', 'base64url').toString()) as { iss: string }
  const jwks = (await cluster.api('/openid/v1/jwks')).body
  const subject = `system:serviceaccount:${NAMESPACE}:trainer`
  const amazon = new Amazon({ jwks, issuer: iss, audience: AUDIENCE, subject })
  service = await startLoopbackService([STS, SECRETS, AGENT], (asked) => amazon.answer(asked))
  await put(REF, BINARY)
})
beforeEach(() => {
  writeFileSync(tokenFile, goodToken)
  way = watchTheWayOut()
  return () => way.stop()
})
afterAll(async () => {
  await service.close()
  admin.destroy()
  rmSync(folder, { recursive: true })
  await cluster.api(`/api/v1/namespaces/${NAMESPACE}`, { method: 'DELETE' })
})

const at = (host: string) => `https://${host}:${service.port}`
const storeWith = (more: Pick<AwsSettings, 'auth' | 'loginUrl'>, ca = service.ca) =>
  awsStore({ region: REGION, role: ROLE, url: at(SECRETS), ca, tokenFile, ...more })

describe.each([
  ['web identity', 'web-identity', () => at(STS), /^sts\./],
  ['Pod Identity', 'pod-identity', () => `${at(AGENT)}/v1/credentials`, /^agent\./],
] as const)('%s', (_, auth, loginUrl, login) => {
  const store = (ca?: string) => storeWith({ auth, loginUrl: loginUrl() }, ca)
  obeysTheContract({ store, put, putForOthers: put, login: { tokenFile, badTokens: async () => badTokens } })
  bearsFaults({
    ...{ service: () => service, store, steps: { login, fetch: /^secretsmanager\./ }, tokenFile },
    loginSecrets: ['K3yOfPodIdentityOnlyK3yOfPodIdentityOnly', 'S3ss10nOfPodIdentityOnly'],
  })

  test('one login serves many secrets, and neither metadata server nor other host is asked', async () => {
    const one = store()
    const before = service.seen.length
    await put(REF, BINARY)
    way.connections.clear()
    await Promise.all([one.fetch(REF, never()), one.fetch(REF, never())])
    expect(service.seen.slice(before).filter((asked) => login.test(asked.split(' ')[1] ?? '')).length).toBe(1)
    const ours = [SECRETS, new URL(loginUrl()).hostname].map((host) => `${host}:${service.port}`)
    // The front itself asks moto.
    const others = [...way.connections].filter((to) => !ours.includes(to) && to !== new URL(MOTO_URL).host)
    expect(others).toEqual([])
    await one.close()
  })
})

test('text is PEM, XML or base64', async () => {
  const one = storeWith({ auth: 'web-identity', loginUrl: at(STS) })
  const ref = { ...REF, key: 'text' }
  await putSecret(ref, { SecretString: '-----BEGIN CERTIFICATE-----\n' })
  expect(new TextDecoder().decode((await one.fetch(ref, never())).bytes)).toBe('-----BEGIN CERTIFICATE-----\n')
  await putSecret(ref, { SecretString: Buffer.from(BINARY).toString('base64') })
  expect([...(await one.fetch(ref, never())).bytes]).toEqual([...BINARY])
  await putSecret(ref, { SecretString: '{"keytab":"canary"}' })
  const { code, message } = await refusal(one.fetch(ref, never()), shown(BINARY))
  expect(code).toBe('secret-malformed')
  expect(message).not.toContain('canary')
  await one.close()
})

test('the agent of Pod Identity is reached without TLS, as it is on a node, and nothing else may be', async () => {
  const agent = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1')
  const url = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/v1/credentials`
  const one = storeWith({ auth: 'pod-identity', loginUrl: url })
  expect((await refusal(one.fetch(REF, never()), [goodToken])).message).toContain('answered without credentials')
  agent.close()
})
