/** The store `vault` against a real OpenBao: the contract by each way in, who may log in, and that its login ends with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { type VaultSettings, vaultStore } from '../../../src/io/secret-stores/vault.ts'
import { BINARY, OTHERS, obeysTheContract, REF, refusal } from '../../io/secret-stores/contract.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { attach } from '../../lab/lab.ts'
import { AUDIENCE, OPENBAO_URL, openbao } from '../../lab/openbao.ts'
import { type Mounts, makeMounts, makeRole, putText, removeMounts } from './vault-mounts.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const admin = openbao(lab.folder)
const cluster = kubernetes(lab.folder)
const NAMESPACE = `store-test-${process.pid}`
const ROLE = NAMESPACE
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
const signal = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))

const settings: VaultSettings = {
  url: OPENBAO_URL,
  mount: 'kv',
  kvVersion: '2',
  auth: 'kubernetes',
  role: ROLE,
  ca: readFileSync(lab.files.authority, 'utf8'),
  tokenFile: join(folder, 'token'),
}

async function serviceAccountToken(account: string, audience: string): Promise<string> {
  const request = { spec: { audiences: [audience], expirationSeconds: 600 } }
  const { status } = await cluster.create<{ status: { token: string } }>(`${ACCOUNTS}/${account}/token`, request)
  return status.token
}
const badTokens = async () => ({
  'the API server as audience': await serviceAccountToken('trainer', 'https://kubernetes.default.svc'),
  'another service account': await serviceAccountToken('stranger', AUDIENCE),
  'a changed signature': changed(goodToken),
  'no token': 'garbage',
})

/** The signature with another first letter. */
function changed(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  return [header, claims, (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)].join('.')
}

let goodToken: string
const role = (paths: readonly string[]) => ({
  name: ROLE,
  subject: `system:serviceaccount:${NAMESPACE}:trainer`,
  paths,
})
const OURS = ['hdfs/contract', 'hdfs/empty']

beforeAll(async () => {
  await cluster.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  for (const name of ['trainer', 'stranger']) await cluster.create(ACCOUNTS, { metadata: { name } })
  await admin.bindRole({ role: ROLE, serviceAccounts: ['trainer'], namespaces: [NAMESPACE], paths: OURS })
  goodToken = await serviceAccountToken('trainer', AUDIENCE)
})
beforeEach(() => writeFileSync(settings.tokenFile, `${goodToken}\n`))
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await admin.call(`auth/kubernetes/role/${ROLE}`, { method: 'DELETE' })
  for (const { path } of [REF, OTHERS]) await admin.call(`kv/metadata/${path}`, { method: 'DELETE' })
  await cluster.api(`/api/v1/namespaces/${NAMESPACE}`, { method: 'DELETE' })
})

/** A keytab goes in as base64. */
const put = (mounts: Mounts) => (ref: SecretRef, bytes: Uint8Array) =>
  putText(admin, mounts, ref, Buffer.from(bytes).toString('base64'))
const contract = (mounts: Mounts) => ({
  store: () => vaultStore({ ...settings, ...mounts }),
  put: put(mounts),
  putForOthers: put(mounts),
  login: { tokenFile: settings.tokenFile, badTokens },
})

describe('KV version 2, auth method kubernetes', () => obeysTheContract(contract(settings)))

const WAYS: Readonly<Record<string, Mounts>> = {
  'KV version 1, auth method jwt': { mount: `old-${NAMESPACE}`, kvVersion: '1', auth: `jwt-${NAMESPACE}` },
  'a namespace of its own, and an auth method deeper down': {
    mount: 'team/secrets',
    kvVersion: '2',
    auth: 'cluster/one',
    namespace: NAMESPACE,
  },
}
describe.each(Object.entries(WAYS))('%s', (_, mounts) => {
  beforeAll(async () => {
    await makeMounts(admin, cluster, mounts)
    await makeRole(admin, mounts, role(OURS))
  })
  afterAll(() => removeMounts(admin, mounts))
  obeysTheContract(contract(mounts))
})

async function codeOf(change: Partial<VaultSettings>, ref = REF): Promise<string> {
  return (await refusal(vaultStore({ ...settings, ...change }).fetch(ref, signal), [goodToken])).code
}

test('a role, mount or version that is another is told, and a path without a secret is not found', async () => {
  await put(settings)(REF, BINARY)
  expect(await codeOf({ role: 'nobody' })).toBe('secret-unauthenticated')
  expect(await codeOf({ auth: 'nowhere' })).toBe('secret-unauthenticated')
  expect(await codeOf({ mount: 'nowhere' })).toBe('secret-forbidden')
  expect(await codeOf({ kvVersion: '1' })).toBe('secret-forbidden')
  expect(await codeOf({ namespace: 'nowhere' })).toMatch(/^secret-(unauthenticated|unavailable)$/)
  expect(await codeOf({}, { path: 'hdfs/empty', key: 'keytab' })).toBe('secret-not-found')
  expect(await codeOf({ url: 'https://bao.lab:1' })).toBe('secret-unavailable')
})

test('a version that was deleted is not found', async () => {
  await put(settings)(REF, BINARY)
  await admin.call(`kv/data/${REF.path}`, { method: 'DELETE' })
  expect(await codeOf({})).toBe('secret-not-found')
})

const accessors = async () => {
  const { data } = await admin.call<{ data: { keys: string[] } }>('auth/token/accessors?list=true')
  return data.keys
}
const newSince = async (before: readonly string[]) => (await accessors()).filter((one) => !before.includes(one)).length

test('closing gives all logins back, also one that was refused something and given up for another', async () => {
  await put(settings)(REF, BINARY)
  await put(settings)(OTHERS, BINARY)
  const before = await accessors()
  const store = vaultStore(settings)
  await refusal(store.fetch(OTHERS, signal))
  await store.fetch(REF, signal)
  expect(await newSince(before)).toBe(2)
  await store.close()
  expect(await newSince(before)).toBe(0)
})

test('a batch token reads as well, and is left to end by itself', async () => {
  const mounts: Mounts = { mount: `batch-${NAMESPACE}`, kvVersion: '2', auth: `batch-${NAMESPACE}` }
  await makeMounts(admin, cluster, mounts)
  await makeRole(admin, mounts, role(OURS), { token_type: 'batch' })
  try {
    await put(mounts)(REF, BINARY)
    const before = await accessors()
    const store = vaultStore({ ...settings, ...mounts })
    expect((await store.fetch(REF, signal)).bytes.length).toBe(BINARY.length)
    await store.close()
    expect(await newSince(before)).toBe(0)
  } finally {
    await removeMounts(admin, mounts)
  }
})
