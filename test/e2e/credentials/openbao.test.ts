/** The OpenBao store against a real one: the contract, who may log in and read what, and that its login ends with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { type OpenbaoSettings, openbaoStore } from '../../../src/io/secret-stores/openbao.ts'
import { BINARY, obeysTheContract, REF, refusal } from '../../io/secret-stores/contract.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { attach } from '../../lab/lab.ts'
import { AUDIENCE, OPENBAO_URL, openbao } from '../../lab/openbao.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const admin = openbao(lab.folder)
const cluster = kubernetes(lab.folder)
const NAMESPACE = `store-test-${process.pid}`
const ROLE = 'store-test'
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
const signal = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))

const settings: OpenbaoSettings = {
  url: OPENBAO_URL,
  mount: 'kv',
  role: ROLE,
  ca: readFileSync(lab.files.authority, 'utf8'),
  tokenFile: join(folder, 'token'),
}

async function serviceAccountToken(account: string, audience: string): Promise<string> {
  const request = { spec: { audiences: [audience], expirationSeconds: 600 } }
  const { status } = await cluster.create<{ status: { token: string } }>(`${ACCOUNTS}/${account}/token`, request)
  return status.token
}

let goodToken: string
beforeAll(async () => {
  await cluster.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  for (const name of ['trainer', 'stranger']) await cluster.create(ACCOUNTS, { metadata: { name } })
  const paths = ['hdfs/contract', 'hdfs/empty', 'hdfs/text', 'hdfs/pem']
  await admin.bindRole({ role: ROLE, serviceAccounts: ['trainer'], namespaces: [NAMESPACE], paths })
  goodToken = await serviceAccountToken('trainer', AUDIENCE)
})
beforeEach(() => writeFileSync(settings.tokenFile, `${goodToken}\n`))
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await cluster.api(`/api/v1/namespaces/${NAMESPACE}`, { method: 'DELETE' })
})

const putBytes = ({ path, key }: SecretRef, bytes: Uint8Array) =>
  admin.putSecret(path, { [key]: Buffer.from(bytes).toString('base64') })

obeysTheContract({ store: () => openbaoStore(settings), put: putBytes })

/** A refusal whose message holds nothing that opens anything. */
async function refused(change: Partial<OpenbaoSettings>, ref = REF): Promise<string> {
  const { code, message } = await refusal(openbaoStore({ ...settings, ...change }).fetch(ref, signal))
  const token = readFileSync(settings.tokenFile, 'utf8').trim()
  expect(message).not.toContain(token)
  expect(message).not.toMatch(/\b[sb]\.[A-Za-z0-9]{20}/)
  return code
}

test('PEM stands in it as it is', async () => {
  await admin.putSecret('hdfs/pem', { 'ca.pem': settings.ca })
  const { bytes } = await openbaoStore(settings).fetch({ path: 'hdfs/pem', key: 'ca.pem' }, signal)
  expect(new TextDecoder().decode(bytes)).toBe(settings.ca)
})

test('text that is neither base64 nor PEM is malformed, and not quoted', async () => {
  await admin.putSecret('hdfs/text', { keytab: 'canary: not base64' })
  const { code, message } = await refusal(openbaoStore(settings).fetch({ path: 'hdfs/text', key: 'keytab' }, signal))
  expect(code).toBe('secret-malformed')
  expect(message).not.toContain('canary')
})

test('another path is forbidden; an allowed path without a secret is not found', async () => {
  await admin.putSecret('hdfs/climate-models', { keytab: 'AAAA' })
  expect(await refused({}, { path: 'hdfs/climate-models', key: 'keytab' })).toBe('secret-forbidden')
  expect(await refused({}, { path: 'hdfs/empty', key: 'keytab' })).toBe('secret-not-found')
})

test('only the right service account with a token of the reserved audience logs in', async () => {
  await putBytes(REF, BINARY)
  const wrong = {
    'the API server as audience': await serviceAccountToken('trainer', 'https://kubernetes.default.svc'),
    'another service account': await serviceAccountToken('stranger', AUDIENCE),
    'no token': 'garbage',
  }
  for (const [what, token] of Object.entries(wrong)) {
    writeFileSync(settings.tokenFile, token)
    expect(await refused({}), what).toBe('secret-unauthenticated')
  }
  expect(await refused({ role: 'nobody' })).toBe('secret-unauthenticated')
})

test('the service-account token is read anew at every login', async () => {
  await putBytes(REF, BINARY)
  const store = openbaoStore(settings)
  writeFileSync(settings.tokenFile, 'garbage')
  expect((await refusal(store.fetch(REF, signal))).code).toBe('secret-unauthenticated')
  writeFileSync(settings.tokenFile, goodToken)
  expect((await store.fetch(REF, signal)).bytes.length).toBe(BINARY.length)
  await store.close()
})

test('a store that is down, or whose certificate is not ours, is unavailable', async () => {
  const { certificatePem } = await makeAuthority()
  expect(await refused({ ca: certificatePem })).toBe('secret-unavailable')
  expect(await refused({ url: 'https://bao.lab:1' })).toBe('secret-unavailable')
})

test('closing revokes the login', async () => {
  await putBytes(REF, BINARY)
  const logins = async () => {
    const { data } = await admin.call<{ data: { keys: string[] } }>('auth/token/accessors?list=true')
    return data.keys.length
  }
  const before = await logins()
  const store = openbaoStore(settings)
  await store.fetch(REF, signal)
  expect(await logins()).toBe(before + 1)
  await store.close()
  expect(await logins()).toBe(before)
})
