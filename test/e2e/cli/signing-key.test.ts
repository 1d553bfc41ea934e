/** `kerbside policy build --key-secret` against a real OpenBao: a CI job signs with a key that it is lent, and only its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../cli/run-cli.ts'
import { document, SMALL } from '../../io/policy/folder.ts'
import { jwks, type Signer, signer } from '../../io/policy/signed.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { attach } from '../../lab/lab.ts'
import { AUDIENCE, OPENBAO_URL, openbao } from '../../lab/openbao.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const admin = openbao(lab.folder)
const cluster = kubernetes(lab.folder)
const NAMESPACE = `signing-test-${process.pid}`
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
const ROLE = 'signing-test'
const CASE = { identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow' }

const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
const at = (name: string): string => join(folder, name)
let ours: Signer

beforeAll(async () => {
  ours = await signer()
  writeFileSync(at('policy.yaml'), SMALL + document('PolicyTest', 't', { cases: [CASE] }))
  writeFileSync(at('keys.json'), jwks(ours))
  await cluster.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  for (const name of ['signer', 'stranger']) {
    await cluster.create(ACCOUNTS, { metadata: { name } })
    const request = { spec: { audiences: [AUDIENCE], expirationSeconds: 600 } }
    const made = await cluster.create<{ status: { token: string } }>(`${ACCOUNTS}/${name}/token`, request)
    writeFileSync(at(`${name}.token`), made.status.token, { mode: 0o600 })
  }
  await admin.putSecret('signing/policy', { 'key.pem': ours.pem })
  await admin.putSecret('signing/other', { 'key.pem': ours.pem })
  await admin.bindRole({
    role: ROLE,
    serviceAccounts: ['signer'],
    namespaces: [NAMESPACE],
    paths: ['signing/policy'],
  })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await cluster.api(`/api/v1/namespaces/${NAMESPACE}`, { method: 'DELETE' })
})

const build = (account: string, secret = 'signing/policy/key.pem') =>
  runCli([
    ...['policy', 'build', folder, '--sequence', '1', '--out', at('p.jws'), '--key-secret', secret],
    ...['--store', 'openbao', '--store-url', OPENBAO_URL, '--store-role', ROLE],
    ...['--store-ca', lab.files.authority, '--token-file', at(`${account}.token`)],
  ])

test('the bundle is signed by the key in the store, which is nowhere in what is printed', async () => {
  const { code, out, err } = await build('signer')
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('sequence 1')
  expect(await runCli(['policy', 'verify', at('p.jws'), '--trust', at('keys.json')])).toMatchObject({ code: 0 })
  const body = ours.pem.split('\n')[1] ?? ''
  expect(body.length).toBeGreaterThan(20)
  expect(out + err + readFileSync(at('p.jws'), 'utf8')).not.toContain(body)
})

test.each([
  ['an account that the role does not name', 'stranger', 'signing/policy/key.pem'],
  ['a key that the role does not lend', 'signer', 'signing/other/key.pem'],
])('%s signs nothing, and is told neither token nor key', async (_, account, secret) => {
  rmSync(at('p.jws'), { force: true })
  const { code, out, err } = await build(account, secret)
  expect([code, out]).toEqual([3, ''])
  expect(err).not.toContain(readFileSync(at(`${account}.token`), 'utf8'))
  expect(err).not.toContain('PRIVATE KEY')
  expect(() => readFileSync(at('p.jws'))).toThrow('ENOENT')
})
