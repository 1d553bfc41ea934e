/** The sidecar whole, with the real KDC and HDFS: from no keytab to an operation, what it holds and tells meanwhile, and its end. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readKeytab } from '../../../src/core/kerberos/keytab.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { java } from '../../lab/java.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { search } from '../../sweep/watch-answers.ts'
import { loadedLibraries, memoryHolds, tokensIn, tokensInMemory } from './process-memory.ts'
import { JOB_USER, type SidecarProcess, startSidecar } from './sidecar-process.ts'
import { World } from './world.ts'

let world: World
/** Another login of the same principal, to do to the sidecar's delegation token what an administrator could. */
let admin: World
let sidecar: SidecarProcess
let keytab: Buffer
beforeAll(async () => {
  world = new World()
  admin = new World()
  keytab = readFileSync(world.lab.files.keytab('quant'))
  rmSync(join(world.store.storeMount, 'hdfs/quant-research/keytab'))
  sidecar = await startSidecar(world)
  sidecar.broker.answer(stream(writeSlice(SLICE)))
})
afterAll(async () => {
  await sidecar?.stop().catch(() => undefined)
  world.remove()
  admin.remove()
})

const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 40_000, interval: 100 })
const ready = () => soon(async () => (await sidecar.ready()).body)
const statusOf = async (path: string) => (await fetch(`${sidecar.gateway}${path}`)).status
/** Home directories of those whom HDFS still knows by these tokens; memory also holds old ones, and halves. */
const ownersOf = async (tokens: readonly string[]) => {
  const owners = await Promise.all(tokens.map((token) => world.ownerOf(token)))
  return owners.filter((owner) => owner.startsWith('/'))
}
/** The one key of quant's keytab: the last 32 bytes before the 4 of the long kvno. */
const key = () => keytab.subarray(-36, -4)

test('without a keytab it is not ready, and says which secret is missing', async () => {
  await ready().toMatch(/ticket: pending since \S+Z: secret `hdfs\/quant-research` `keytab` is not in the folder/)
  expect((await sidecar.ready()).status).toBe(503)
  // The login may fail before the gateway listens.
  await soon(() => statusOf('/data/market?op=LISTSTATUS').catch(() => 'nobody listens')).toBe(503)
})

test('once the keytab is there it becomes ready by itself, and an operation goes through', async () => {
  world.put('hdfs/quant-research/keytab', keytab)
  await ready().toMatch(/^ready\n/)
  expect(await statusOf('/data/market?op=LISTSTATUS')).toBe(200)
  expect(await statusOf('/data/weather?op=LISTSTATUS')).toBe(403)
})

test("Hadoop's own client, with that configuration alone, works by hdfs://lab and by short paths", async () => {
  const conf = [join(world.folder, 'client/hadoop')]
  const fs = (...args: string[]) => {
    const [file, ...words] = java(world.lab.folder, {
      name: 'client',
      main: 'org.apache.hadoop.fs.FsShell',
      args,
      conf,
    })
    return execFileSync(file, words, { encoding: 'utf8', stdio: 'pipe', env: { HADOOP_USER_NAME: 'anyone' } })
  }
  for (const base of ['hdfs://lab', '']) {
    expect(fs('-ls', '-C', `${base}/data/market`), base).toContain(`${base}/data/market/stocks.csv`)
  }
  expect(() => fs('-ls', 'hdfs://lab/data/weather')).toThrow('quant-research may not stat /data/weather')
  // A put writes to another name and renames.
  fs('-put', '-f', '/etc/hosts', 'hdfs://lab/team/quant/e2e-client')
  const written = `${sidecar.gateway}/team/quant/e2e-client`
  expect(await (await fetch(`${written}?op=OPEN`)).text()).toBe(readFileSync('/etc/hosts', 'utf8'))
  await fetch(`${written}?op=DELETE`, { method: 'DELETE' })
})

test('the process that serves holds neither the key nor native code, though it does hold the delegation token', () => {
  expect(readKeytab(keytab)[0]?.principal).toBe('quant@LAB')
  expect(memoryHolds(sidecar.pid, Buffer.from('quant-research'))).toBe(true)
  expect(tokensInMemory(sidecar.pid)).not.toEqual([])
  expect(memoryHolds(process.pid, key())).toBe(true)
  expect(memoryHolds(sidecar.pid, key())).toBe(false)
  expect(loadedLibraries(sidecar.pid)).not.toMatch(/kerberos\.node|libgssapi|libkrb5/)
})

test('nothing that it tells anyone holds a key, a ticket, a delegation token or its service-account token, in any encoding', async () => {
  const told = await sidecar.everythingTold()
  expect(told).toContain('ticket acquired')
  expect(told).toContain('kerbside_credential_expires_seconds')
  expect(told).toContain('"kind":"credential"')
  const sweep = new Sweep({ key: key(), 'service-account token': 'SERVICE-ACCOUNT-TOKEN' })
  sweep.add('ticket', readFileSync(world.files.cache).subarray(-64))
  for (const [index, token] of tokensInMemory(sidecar.pid).entries()) sweep.add(`delegation token ${index}`, token)
  expect(search(sweep, Buffer.from(told))).toEqual([])
  expect(tokensIn(told)).toEqual([])
})

test('the user of the job can read nothing of the run folder, and all of the client configuration', () => {
  const asJob = (...words: [string, ...string[]]) =>
    execFileSync(words[0], words.slice(1), { uid: JOB_USER, gid: JOB_USER, encoding: 'utf8', stdio: 'pipe' })
  expect(readdirSync(world.files.folder)).toEqual(['krb5.conf', 'ticket'])
  expect(() => asJob('ls', world.files.folder)).toThrow('Permission denied')
  expect(() => asJob('cat', world.files.cache)).toThrow('Permission denied')
  expect(() => asJob('cat', `/proc/${sidecar.pid}/environ`)).toThrow('Permission denied')
  expect(asJob('cat', join(world.folder, 'client/hadoop/core-site.xml'))).toContain('linkFallback')
})

test('without the KDC operations go on', async () => {
  await world.lab.stop('kdc')
  expect(await statusOf('/data/market?op=LISTSTATUS')).toBe(200)
  await world.lab.start('kdc')
})

test('a delegation token that HDFS no longer knows is replaced, and no operation fails', async () => {
  await admin.acquire()
  for (const token of tokensInMemory(sidecar.pid)) await admin.negotiate({ do: 'cancel', token }).catch(() => undefined)
  const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf('/data/market?op=GETFILESTATUS')))
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(sidecar.log().match(/"delegation token received"/g)).toHaveLength(2)
})

test('when policy names another principal, credentials begin anew and operations are by that one', async () => {
  world.put('hdfs/climate-models/keytab', readFileSync(world.lab.files.keytab('climate')))
  execFileSync('chown', ['-R', '65532', world.store.storeMount])
  sidecar.broker.say(`${writeSlice({ ...SLICE, principal: 'climate@LAB', secret: 'hdfs/climate-models' })}\n`)
  await soon(() => sidecar.log()).toContain('"principal":"climate@LAB","kvno"')
  await ready().toMatch(/^ready\n/)
  expect(await world.klist('-c', `FILE:${world.files.cache}`)).toContain('Default principal: climate@LAB')
  expect(await ownersOf(tokensInMemory(sidecar.pid))).toEqual([expect.stringMatching(/\/climate$/)])
})

test('SIGTERM: exit code 0, no ticket is left, and the delegation token is worth nothing', async () => {
  const tokens = tokensInMemory(sidecar.pid)
  expect(await ownersOf(tokens)).toHaveLength(1)
  expect(await sidecar.stop()).toBe(0)
  expect(readdirSync(world.runDirectory)).toEqual([])
  expect(await ownersOf(tokens)).toEqual([])
})
