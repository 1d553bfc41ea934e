/** `kerbside doctor` before the real KDC and the real HDFS: well, and with each thing broken that only they can show. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import type { SliceCluster } from '../../../src/core/policy/slice.ts'
import { ofCheck, Room } from '../../cli/doctor/room.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { World } from '../credentials/world.ts'
import { OwnKdc } from '../faults/own-kdc.ts'
import { warmUp } from './warm-up.ts'

vi.setConfig({ testTimeout: 120_000 })

const PRINCIPAL = 'doctor'
let world: World
let room: Room
/** All that was printed; no secret may be in it. */
let printed = ''
const secrets = new Sweep()

beforeAll(async () => {
  world = new World()
  await warmUp(world)
  await world.makePrincipal(PRINCIPAL)
  await world.kadmin(`modprinc +requires_preauth ${PRINCIPAL}`)
})
afterAll(async () => {
  await world.kadmin(`delprinc -force ${PRINCIPAL}`)
  world.remove()
  expect(secrets.find(printed)).toEqual([])
})

beforeEach(async () => {
  room = await Room.open()
  room.put('hdfs/lab/ca.pem', world.caPem)
  putKeytab(readFileSync(join(world.folder, `${PRINCIPAL}.keytab`)))
  secrets.add('service-account token', room.token({}))
  cluster({})
})
afterEach(async () => {
  vi.useRealTimers()
  // What the sidecar keeps there is left alone; of doctor's own nothing stays.
  expect(readdirSync(join(room.folder, 'run')).filter((name) => name.startsWith('kerbside-doctor'))).toEqual([])
  await room.close()
})

function putKeytab(bytes: Buffer): void {
  for (const key of keysIn(bytes)) secrets.add('key', key)
  room.put(`hdfs/${SLICE.identity}/keytab`, bytes)
}

/** Each after its enctype, 18 or 17, and its length. */
function keysIn(keytab: Buffer): readonly Buffer[] {
  const lengths = [
    { mark: Buffer.from([0, 18, 0, 32]), length: 32 },
    { mark: Buffer.from([0, 17, 0, 16]), length: 16 },
  ]
  return lengths.map(({ mark, length }) => {
    const at = keytab.indexOf(mark) + mark.length
    expect(at).toBeGreaterThan(mark.length)
    return keytab.subarray(at, at + length)
  })
}

const cluster = (change: Partial<SliceCluster>) =>
  room.slice({ principal: `${PRINCIPAL}@LAB`, cluster: { ...SLICE.cluster, ...change } })

async function look(...args: readonly string[]): Promise<ReportJson> {
  const { out, err } = await room.run('--output', 'json', ...args)
  printed += out + err
  return JSON.parse(out) as ReportJson
}

const statesOf = ({ findings }: ReportJson, name: string) =>
  findings.filter(({ check }) => check === name).map(({ state }) => state)

/** What the KDC has said about our principal, so far. */
const refusals = () =>
  readFileSync(join(world.lab.folder.path, 'log/kdc.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(`${PRINCIPAL}@LAB`) && /PREAUTH_FAILED/.test(line)).length

test('all is well: each KDC, each NameNode, and the DataNode that has a file', async () => {
  const report = await look('--path', '/data/market/stocks.csv')
  expect(report.findings.filter(({ state }) => state === 'warn' || state === 'fail')).toEqual([])
  expect(ofCheck(report, 'kdc')).toBe('ok: answers by TCP, and knows the principal')
  expect(ofCheck(report, 'clock')).toMatch(/^ok: as that of the KDC/)
  expect(
    report.findings
      .filter(({ check }) => check === 'namenode')
      .map(({ says }) => says)
      .sort(),
  ).toEqual(['proved itself by Kerberos; active', 'proved itself by Kerberos; standby'])
  expect(report.findings.find(({ check }) => check === 'datanode')?.about).toMatch(/^dn\d\.lab:\d+$/)
  expect(report.verdict).toBe('well')
})

test('a key that was changed at the KDC is shown once, and not again by the next doctor, since accounts get locked', async () => {
  await world.kadmin(`cpw -randkey ${PRINCIPAL}`)
  const before = refusals()
  const first = await look()
  expect(ofCheck(first, 'ticket')).toMatch(/^fail: .*another key for the principal.*this key got one try$/)
  expect(first.findings.find(({ check }) => check === 'ticket')?.advice).toContain('write the keytab anew')
  expect(ofCheck(await look(), 'ticket')).toMatch(/^fail: not tried again, since accounts get locked/)
  expect(refusals() - before).toBe(1)
  // Another keytab is tried at once.
  await world.storeKeytabOf(PRINCIPAL)
  putKeytab(readFileSync(join(world.folder, `${PRINCIPAL}.keytab`)))
  expect(ofCheck(await look(), 'ticket')).toMatch(/^ok/)
})

test('a principal that the KDC does not know is told without showing a key', async () => {
  room.slice({ principal: 'nobody-such@LAB' })
  const report = await look()
  expect(ofCheck(report, 'kdc')).toBe('fail: it does not know the principal')
  expect(ofCheck(report, 'ticket')).toMatch(/^not-tried/)
})

test('a KDC that hangs is named, and the key goes to the one that answers', async () => {
  const own = new OwnKdc(world.lab, world.folder)
  await own.start()
  try {
    own.freeze()
    cluster({ kdcs: [own.address, ...SLICE.cluster.kdcs] })
    const report = await look()
    expect(statesOf(report, 'kdc')).toEqual(['warn', 'ok'])
    expect(ofCheck(report, 'kdc')).toContain('takes the connection, then nothing comes')
    expect(ofCheck(report, 'ticket')).toMatch(/^ok/)
  } finally {
    await own.stop()
  }
})

test('a clock that is ten minutes off is told, with who is ahead', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 })
  const report = await look()
  expect(ofCheck(report, 'clock')).toMatch(/^fail: the KDC is 10 min behind us; Kerberos allows 5 min/)
})

test('certificates of another CA are told, and no ticket is shown to whoever has them', async () => {
  room.put('hdfs/lab/ca.pem', (await makeAuthority()).certificatePem)
  const report = await look()
  expect(statesOf(report, 'tls')).toEqual(['fail', 'fail'])
  expect(ofCheck(report, 'tls')).toContain('by `lab authority`, not by a CA in `ca.pem`')
  expect(ofCheck(report, 'namenode')).toBe('not-tried: needs tls')
})

test('NameNodes that are well and all standby are told as what they are', async () => {
  const { findings } = await look()
  const standby = findings.find(({ says }) => says.endsWith('standby'))?.about
  cluster({ nameNodes: [`https://${standby}`] })
  const report = await look()
  expect(statesOf(report, 'namenode')).toEqual(['ok', 'fail'])
  const [, failure] = report.findings.filter(({ check }) => check === 'namenode')
  expect(failure).toMatchObject({ says: 'none of them is active', code: 'hdfs-no-active' })
})

test('a NameNode under another name than its certificate has is told, and the names that it has', async () => {
  const hosts = join(world.lab.folder.path, 'hosts')
  const before = readFileSync(hosts, 'utf8')
  const address = /^(\S+)\s+nn1\.lab$/m.exec(before)?.[1]
  appendFileSync(hosts, `${address} doctor-nn.lab\n`)
  try {
    cluster({ nameNodes: ['https://doctor-nn.lab:9871', 'https://nn2.lab:9871'] })
    const report = await look()
    expect(ofCheck(report, 'tls')).toMatch(/^warn: its certificate is for .*nn1\.lab.*, not for `doctor-nn\.lab`$/)
    const ticket = report.findings.filter(({ check }) => check === 'ticket').map(({ says }) => says)
    expect(ticket.join()).toContain('`HTTP@doctor-nn.lab`: the KDC does not know the service')
    expect(report.findings.find(({ check, says }) => check === 'names' && says.includes('in reverse'))).toBeDefined()
  } finally {
    writeFileSync(hosts, before)
  }
})

test('a file that is not there, and DataNodes that policy does not name, are told', async () => {
  expect(ofCheck(await look('--path', '/data/market/no-such'), 'datanode')).toContain('FileNotFoundException')
  cluster({ dataNodeHosts: ['*.elsewhere'] })
  expect(ofCheck(await look('--path', '/data/market/stocks.csv'), 'datanode')).toMatch(
    /is not a DataNode of the cluster$/,
  )
})

test('a run folder that cannot be written is told where a login needs it', async () => {
  room.set('KERBSIDE_RUN_DIR', '/proc/no-such-folder')
  const report = await look()
  expect(ofCheck(report, 'ticket')).toMatch(/^fail: the run folder cannot be written/)
  expect(statesOf(report, 'tls')).toEqual(['ok', 'ok'])
})

test('the tickets of the sidecar beside it are not touched', async () => {
  const theirs = join(room.folder, 'run', 'kerberos')
  mkdirSync(theirs)
  writeFileSync(join(theirs, 'ticket'), 'as it was')
  await look()
  expect(readdirSync(theirs)).toEqual(['ticket'])
  expect(readFileSync(join(theirs, 'ticket'), 'utf8')).toBe('as it was')
})
