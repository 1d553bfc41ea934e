/** Two hundred pods that start together: each gets its keytab through the broker, and OpenBao is asked for it once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readSecrets } from '../../../src/core/identity/secrets-answer.ts'
import { attach } from '../../lab/lab.ts'
import { OPENBAO_URL, openbao, openbaoFiles } from '../../lab/openbao.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { api, type Installation, install } from '../admission/installation.ts'
import { asTenant, podNamed, pods } from '../admission/tenant.ts'
import { allowMinter, type StandingBroker, startBroker, tokenFor } from './standing-broker.ts'
import { policiesThroughBroker, QUANT } from './through-broker.ts'

const PODS = 200
const TOGETHER = 16
const COMES_BACK_MS = 1000
const PATIENCE_MS = 90_000
const ROLE = 'kerbside-broker-stampede'
/** Of this test alone: it takes them away in the end. */
const SECRETS = { keytab: 'hdfs/stampede', authority: 'hdfs/stampede-lab' }
const KEYTAB = Buffer.from([5, 2, ...Array.from({ length: 256 }, (_, index) => (index * 7) % 256)])

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const admin = openbao(lab.folder)
const auditLog = () => readFileSync(openbaoFiles(lab.folder).auditLog, 'utf8')

let installation: Installation
let broker: StandingBroker
let folder: string
let tokens: readonly string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-stampede-'))
  installation = await install()
  await allowMinter()
  const { policies } = policiesThroughBroker(folder, SECRETS)
  broker = await startBroker(installation.ca, { policies, args: ['--secrets', await secretsFile()] })
  tokens = await inTurns(async (index) => {
    const name = `stampede-${index}`
    const { status, object } = await asTenant('POST', pods(), podNamed(name))
    expect(status, JSON.stringify(object)).toBe(201)
    return tokenFor({ boundTo: { kind: 'Pod', name } })
  })
}, 300_000)
afterAll(async () => {
  await broker?.stop()
  await admin.call(`auth/kubernetes/role/${ROLE}`, { method: 'DELETE' })
  for (const path of Object.values(SECRETS)) await admin.call(`kv/metadata/${path}`, { method: 'DELETE' })
  await installation?.uninstall()
  rmSync(folder, { recursive: true })
})

/** As an administrator sets it up: a role for the broker's own service account, by a token of another audience than ours. */
async function secretsFile(): Promise<string> {
  const audience = 'openbao'
  await admin.bindRole({
    role: ROLE,
    serviceAccounts: ['kerbside-broker'],
    namespaces: ['kerbside'],
    paths: Object.values(SECRETS),
    audience,
  })
  await admin.putSecret(SECRETS.keytab, { keytab: KEYTAB.toString('base64') })
  await admin.putSecret(SECRETS.authority, { 'ca.pem': installation.ca })
  const { status } = await api.create<{ status: { token: string } }>(
    '/api/v1/namespaces/kerbside/serviceaccounts/kerbside-broker/token',
    { spec: { audiences: [audience], expirationSeconds: 3600 } },
  )
  const [tokenFile, file] = [join(folder, 'token'), join(folder, 'secrets.yaml')]
  writeFileSync(tokenFile, status.token)
  const authorities = readFileSync(lab?.files.authority ?? '', 'utf8')
  const place = { storeUrl: OPENBAO_URL, storeAuth: 'kubernetes', storeNamespace: 'none', storeRole: ROLE }
  writeFileSync(file, stringify({ store: 'openbao', ...place, tokenFile, authorities }))
  return file
}

async function inTurns<T>(work: (index: number) => Promise<T>): Promise<T[]> {
  const all: T[] = []
  for (let from = 0; from < PODS; from += TOGETHER) {
    const indexes = Array.from({ length: Math.min(TOGETHER, PODS - from) }, (_, at) => from + at)
    all.push(...(await Promise.all(indexes.map(work))))
  }
  return all
}

type Line = { readonly type: string; readonly request: { readonly path: string; readonly operation: string } }

/** Of pino, the lines of its levels `warn` and above. */
const complaints = (log: string): string =>
  [...new Set(log.split('\n').filter((line) => line !== '' && JSON.parse(line).level >= 40))].slice(0, 20).join('\n')

/** What OpenBao itself says that it was asked for, since then. */
function requestsSince(length: number): readonly string[] {
  const lines = auditLog().slice(length).trim().split('\n')
  const asked = lines.map((line) => JSON.parse(line) as Line).filter(({ type }) => type === 'request')
  return asked.map(({ request }) => `${request.operation} ${request.path}`)
}

/** A broker that has more to do than it can for the moment says 503 before it reads anything, and a sidecar comes back. */
async function askAsSidecar(token: string, until: number): Promise<{ status: number | undefined; body: Buffer }> {
  for (;;) {
    const answer = await broker.secrets(QUANT, token)
    const body = await buffer(answer)
    if (answer.statusCode !== 503 || performance.now() > until) return { status: answer.statusCode, body }
    await sleep(COMES_BACK_MS)
  }
}

test('each has its keytab, which is read once, by one login, and stands in no log', async () => {
  const before = auditLog().length
  const until = performance.now() + PATIENCE_MS
  const answers = await Promise.all(tokens.map((token) => askAsSidecar(token, until)))
  // What a refusal says to a sidecar is little; the log says why.
  const refused = answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body}`)
  expect(refused, complaints(broker.log())).toEqual([])
  const keytabs = answers.map(({ body }) => {
    const one = readSecrets(body).find(({ key }) => key === 'keytab')
    return one !== undefined && 'bytes' in one && KEYTAB.equals(one.bytes)
  })
  expect([keytabs.length, new Set(keytabs)]).toEqual([PODS, new Set([true])])
  const asked = requestsSince(before)
  expect(asked.filter((each) => each === `read kv/data/${SECRETS.keytab}`)).toHaveLength(1)
  expect(asked.filter((each) => each === `read kv/data/${SECRETS.authority}`)).toHaveLength(1)
  expect(asked.filter((each) => each.endsWith('auth/kubernetes/login'))).toHaveLength(1)
  expect(new Sweep({ keytab: KEYTAB }).find(broker.log())).toEqual([])
}, 120_000)

test('who comes again gets what is read then: the key may be another', async () => {
  const rotated = Buffer.from(KEYTAB.toReversed())
  await admin.putSecret(SECRETS.keytab, { keytab: Buffer.concat([KEYTAB.subarray(0, 2), rotated]).toString('base64') })
  const before = auditLog().length
  const body = await buffer(await broker.secrets(QUANT, tokens[0] ?? ''))
  expect(body.includes(rotated)).toBe(true)
  expect(requestsSince(before)).toContain(`read kv/data/${SECRETS.keytab}`)
})
