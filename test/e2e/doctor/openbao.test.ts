/**
 * `kerbside doctor` as a sidecar has it: a real service-account token, a real OpenBao, the real KDC and HDFS. The screen in the
 * README is what it says here; `UPDATE_DOCS=1` writes it there.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { CHECK_NAMES } from '../../../src/core/doctor/checks.ts'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import { ofCheck, Room } from '../../cli/doctor/room.ts'
import { AUDIENCE, OPENBAO_URL, openbao } from '../../lab/openbao.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { ROOT } from '../../suite.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { World } from '../credentials/world.ts'
import { makeOwnPod, type OwnPod } from './own-pod.ts'
import { warmUp } from './warm-up.ts'

vi.setConfig({ testTimeout: 120_000 })

const README = join(ROOT, 'README.md')
const PRINCIPAL = 'research'
const ROLE = 'doctor'
const [KEYTAB_PATH, CLUSTER_PATH] = ['doctor/quant-research', 'doctor/lab'] as const
let world: World
let room: Room
let pod: OwnPod
let printed = ''
const secrets = new Sweep()

beforeAll(async () => {
  world = new World()
  await warmUp(world)
  pod = await makeOwnPod(world.lab, 'ml-doctor')
  await world.makePrincipal(PRINCIPAL)
  await world.kadmin(`modprinc +requires_preauth ${PRINCIPAL}`)
  const { putSecret } = openbao(world.lab.folder)
  const keytab = readFileSync(join(world.folder, `${PRINCIPAL}.keytab`))
  secrets.add('keytab', keytab)
  await putSecret(KEYTAB_PATH, { keytab: keytab.toString('base64') })
  await putSecret(CLUSTER_PATH, { 'ca.pem': world.caPem })
  await bind([KEYTAB_PATH, CLUSTER_PATH])
})
afterAll(async () => {
  await world.kadmin(`delprinc -force ${PRINCIPAL}`)
  await pod.remove()
  world.remove()
  expect(secrets.find(printed)).toEqual([])
})

const bind = (paths: readonly string[], serviceAccount = pod.serviceAccount) =>
  openbao(world.lab.folder).bindRole({
    role: ROLE,
    serviceAccounts: [serviceAccount],
    namespaces: [pod.namespace],
    paths,
  })

beforeEach(async () => {
  room = await Room.open()
  const settings = {
    POD: pod.pod,
    POD_UID: pod.uid,
    CA: `${room.caPem}\n${world.caPem}`,
    STORE: 'openbao',
    STORE_URL: OPENBAO_URL,
    STORE_MOUNT: 'kv',
    STORE_ROLE: ROLE,
    STORE_AUTH: 'kubernetes',
  }
  for (const [name, value] of Object.entries(settings)) room.set(`KERBSIDE_${name}`, value)
  room.slice({
    principal: `${PRINCIPAL}@LAB`,
    secret: KEYTAB_PATH,
    cluster: { ...SLICE.cluster, secret: CLUSTER_PATH },
  })
  await useToken(AUDIENCE)
})
afterEach(() => room.close())

async function useToken(audience: string): Promise<void> {
  const token = await pod.token(audience)
  secrets.add('service-account token', token)
  writeFileSync(join(room.folder, 'token'), token)
}

async function look(): Promise<ReportJson> {
  const { out, err } = await room.run('--output', 'json')
  printed += out + err
  return JSON.parse(out) as ReportJson
}

test('with a token of its pod and a role that may read, all is well', async () => {
  const report = await look()
  expect(report.findings.filter(({ state }) => state === 'warn' || state === 'fail')).toEqual([])
  expect(ofCheck(report, 'token')).toMatch(/^ok: `kerbside\.io`, .* of ml-doctor\/train-0 as trainer, by https:/)
  expect(ofCheck(report, 'store')).toMatch(/^ok: it has `keytab` version \d+, `ca.pem` version \d+$/)
})

test('a token for the API server itself is told before OpenBao refuses it', async () => {
  await useToken('https://kubernetes.default.svc')
  const report = await look()
  expect(ofCheck(report, 'token')).toMatch(/^fail: its audience is `https:/)
  expect(ofCheck(report, 'store')).toBe('not-tried: needs token')
})

test('a role for another service account, and one that may not read the keytab, are told apart', async () => {
  await bind([KEYTAB_PATH, CLUSTER_PATH], 'somebody-else')
  const refused = await look()
  expect(refused.findings.filter(({ check }) => check === 'store')).toMatchObject([
    { state: 'fail', code: 'secret-unauthenticated', advice: expect.stringContaining('service account') },
  ])
  await bind([CLUSTER_PATH])
  const forbidden = await look()
  expect(forbidden.findings.filter(({ check }) => check === 'store')).toMatchObject([
    { state: 'ok', says: expect.stringMatching(/^it has `ca.pem`/) },
    { state: 'fail', code: 'secret-forbidden' },
  ])
  expect(ofCheck(forbidden, 'tls')).toMatch(/^ok/)
  await bind([KEYTAB_PATH, CLUSTER_PATH])
})

/** What differs from run to run. */
const stable = (screen: string): string =>
  screen
    .replace(/ +\d+\.\d s$/gm, '')
    .replace(/(\d+\.)?\d+ (s|min|h|d)\b/g, '… $2')
    .replace(/version \d+/g, 'version …')
    .replace(/written [\d-]+/, 'written …')
    .replace(/kvno \d+/, 'kvno …')

test('the README shows the screen of a key that was changed and not put into the store', async () => {
  await world.kadmin(`cpw -randkey ${PRINCIPAL}`)
  const { code, out } = await room.run()
  printed += out
  expect(code).toBe(1)
  const screen = out.trimEnd()
  expect(screen.split('\n').length).toBeLessThanOrEqual(24)
  expect(screen.split('\n').filter((line) => line.length > 80)).toEqual([])
  for (const name of CHECK_NAMES) expect(screen).toContain(`  ${name} `)
  const page = readFileSync(README, 'utf8')
  const between = /(<!-- doctor -->\n```\n\$ .*\n)([\s\S]*?)(\n?```\n<!-- \/doctor -->)/
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(
      README,
      page.replace(between, (_, open, __, close) => `${open}${screen}\n${close.trimStart()}`),
    )
  expect(stable(between.exec(readFileSync(README, 'utf8'))?.[2] ?? '')).toBe(stable(screen))
})
