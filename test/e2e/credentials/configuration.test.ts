/**
 * A cluster's own Hadoop files in the secret store, and Hadoop's own client beside the whole sidecar: it writes as they say, is led
 * where we say, and none of their secrets is where the job could read it.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { java } from '../../lab/java.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { JOB_USER, type SidecarProcess, startSidecar } from './sidecar-process.ts'
import { World } from './world.ts'

const BANK = join(import.meta.dirname, '..', '..', 'fixtures', 'hadoop', 'bank')
const CANARY = 'CANARY'
/** The lab's own default is two replicas, in blocks of 128 MiB. */
const SMALL = `<configuration>
  <property><name>copies</name><value>1</value></property>
  <property><name>dfs.replication</name><value>\${copies}</value></property>
  <property><name>dfs.blocksize</name><value>2m</value></property>
  <property><name>fs.permissions.umask-mode</name><value>077</value></property>
</configuration>`

let world: World
let sidecar: SidecarProcess
beforeAll(async () => {
  world = new World()
  cpSync(BANK, join(world.store.storeMount, 'hdfs/bank-site'), { recursive: true })
  world.put('hdfs/small-site/hdfs-site.xml', SMALL)
  world.put('hdfs/broken-site/core-site.xml', `<configuration>\n<xi:include href="${CANARY}"/></configuration>`)
  sidecar = await startSidecar(world)
})
afterAll(async () => {
  await fetch(`${sidecar.gateway}/team/quant/e2e-site?op=DELETE&recursive=true`, { method: 'DELETE' })
  await sidecar.stop()
  world.remove()
})

/** Its policy names this place; resolves when its log has said something that it had not said before. */
async function policyNames(configuration: string, said: RegExp): Promise<void> {
  const before = sidecar.log().length
  const line = stream(writeSlice({ ...SLICE, cluster: { ...SLICE.cluster, configuration } }))
  sidecar.broker.answer(line)
  sidecar.broker.cut()
  await expect.poll(() => sidecar.log().slice(before), { timeout: 60_000, interval: 100 }).toMatch(said)
  await expect.poll(async () => (await sidecar.ready()).body, { timeout: 60_000, interval: 100 }).toMatch(/^ready\n/)
}

/** As the job: another user, with what the webhook gives it. */
function put(name: string): void {
  const conf = [join(world.folder, 'client/hadoop')]
  const args = ['-put', '/etc/hosts', `hdfs://lab/team/quant/e2e-site/${name}`]
  const [file, ...words] = java(world.lab.folder, { name: 'client', main: 'org.apache.hadoop.fs.FsShell', args, conf })
  execFileSync(file, words, { encoding: 'utf8', stdio: 'pipe', env: { HADOOP_USER_NAME: 'anyone' } })
}

async function statusOf(name: string) {
  const answer = await fetch(`${sidecar.gateway}/team/quant/e2e-site/${name}?op=GETFILESTATUS`)
  const { FileStatus: status } = (await answer.json()) as { FileStatus: Record<string, unknown> }
  const { replication, blockSize, permission } = status
  return { replication, blockSize, permission }
}

test('`hdfs dfs -put` writes as the files of the cluster say', { timeout: 180_000 }, async () => {
  await policyNames('hdfs/small-site', /hadoop configuration read/)
  await fetch(`${sidecar.gateway}/team/quant/e2e-site?op=MKDIRS`, { method: 'PUT' })
  put('small')
  expect(await statusOf('small')).toEqual({ replication: 1, blockSize: 2 << 20, permission: '600' })
})

test('it writes as other files say, once policy names those', { timeout: 180_000 }, async () => {
  await policyNames('hdfs/bank-site', /hadoop configuration read/)
  put('bank')
  expect(await statusOf('bank')).toEqual({ replication: 2, blockSize: 256 << 20, permission: '640' })
})

test('broken files are a warning; the sidecar serves, and the job has what we write alone', {
  timeout: 180_000,
}, async () => {
  await policyNames(
    'hdfs/broken-site',
    /"level":"warn".*core-site.xml:2: it includes another file.*"code":"bad-configuration"/,
  )
  put('broken')
  // Hadoop's own defaults.
  expect(await statusOf('broken')).toEqual({ replication: 3, blockSize: 128 << 20, permission: '644' })
})

test('no secret of those files was told to anyone, nor left where the job reads', async () => {
  expect(readFileSync(join(BANK, 'core-site.xml'), 'utf8')).toContain(CANARY)
  expect(await sidecar.everythingTold()).not.toContain(CANARY)
  const client = join(world.folder, 'client')
  const as = { uid: JOB_USER, encoding: 'utf8' } as const
  expect(execFileSync('cat', ['hadoop/core-site.xml'], { ...as, cwd: client })).toContain('webhdfs://127.0.0.1')
  expect(readdirSync(client, { recursive: true }).join()).not.toContain(CANARY)
})
