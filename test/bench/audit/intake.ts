/** A broker that takes in records of many sidecars as fast as they are written, and beside it the same bytes only appended and synced. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { makeSigningKey } from '../../../src/io/policy/bundle-keys.ts'
import { POLICIES } from '../../broker/in-process.ts'
import { startBrokerProcess } from '../../broker/process.ts'
import { claims, makeIssuer } from '../../broker/tokens.ts'
import { type Load, NAMESPACE, podOf, readChain, SERVICE_ACCOUNT, writeChains } from './chains.ts'

export type Taken = {
  /** From the moment that a batch was due to its acknowledgement, milliseconds, in rising order. */
  readonly ackMs: readonly number[]
  readonly seconds: number
  readonly records: number
  /** Batches that had to be sent again, because too much waited. */
  readonly refused: number
  /** On the disk of the broker, when it had ended. */
  readonly onDisk: number
  /** Of the broker, MiB, once for each second; the first is from before. */
  readonly residentMiB: readonly number[]
  /** Microseconds of the broker's processor for each record, once a sixth of them is taken. */
  readonly cpuUs: number
  /** `kerbside audit verify` over all of it, with the checkpoints: what it says in sum, and how long it took. */
  readonly verified: { readonly isWhole: boolean; readonly says: string; readonly seconds: number }
  /** The same bytes in the same pieces, appended and synced by a process that does nothing else. */
  readonly plain: { readonly cpuUs: number; readonly recordsPerSecond: number }
}

const EVERY_MS = 1000

/** Each sidecar has a batch due once a second, those of different ones at different moments of it. */
export async function measureIntake(load: Load): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'))
  const at = (name: string) => join(folder, name)
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  writeFileSync(at('trusted.json'), JSON.stringify({ keys: [publicJwk] }))
  writeFileSync(at('key.pem'), pem)
  const issuer = await makeIssuer()
  writeChains(at('chains'), load)
  const audit = { directory: at('audit'), name: 'broker-0', keyFile: at('key.pem') }
  const broker = await startBrokerProcess({ folder, policies: POLICIES, keys: issuer.keys, audit })
  const residentMiB = [residentOf(broker.pid)]
  const watch = setInterval(() => residentMiB.push(residentOf(broker.pid)), EVERY_MS)
  const ackMs: number[] = []
  let refused = 0
  const begun = performance.now()
  // What it costs to begin is no part of what a record costs.
  let warm = { records: 0, cpuSeconds: cpuSecondsOf(broker.pid) }
  const warmAfter = Math.floor(load.batches / 6)

  const send = async (sidecar: number): Promise<void> => {
    const { uid, pod } = podOf(sidecar)
    const bound = { namespace: NAMESPACE, pod: { name: pod, uid }, serviceaccount: { name: SERVICE_ACCOUNT, uid: 'x' } }
    const token = await issuer.sign(claims({ 'kubernetes.io': bound }))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const read = readChain(at('chains'), sidecar)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' }
    for (let batch = 0; batch < load.batches; batch++) {
      const due = begun + (batch + sidecar / load.sidecars) * EVERY_MS
      const waitMs = due - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      const options = { host: '127.0.0.1', port: broker.port, path: '/v1/audit', method: 'POST', ca: broker.ca, agent }
      const next = (batch + 1) * load.perBatch
      for (;;) {
        const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
          request({ ...options, headers }, (incoming) => {
            text(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), reject)
          })
            .on('error', reject)
            .end(read(batch))
        })
        if (answer.status === 200 && JSON.parse(answer.body).next === next) break
        if (answer.status !== 503)
          throw new Error(`batch ${batch} of sidecar ${sidecar}: ${answer.status} ${answer.body}`)
        // As a sidecar does: what is not taken now is kept, and sent again.
        refused += 1
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
      }
      ackMs.push(performance.now() - due)
      if (ackMs.length === warmAfter * load.sidecars)
        warm = { records: ackMs.length * load.perBatch, cpuSeconds: cpuSecondsOf(broker.pid) }
    }
    agent.destroy()
  }
  await Promise.all(Array.from({ length: load.sidecars }, (_, sidecar) => send(sidecar)))
  const seconds = (performance.now() - begun) / 1000
  const records = load.sidecars * load.batches * load.perBatch
  const cpuUs = ((cpuSecondsOf(broker.pid) - warm.cpuSeconds) * 1e6) / (records - warm.records)
  clearInterval(watch)
  await broker.end('SIGTERM')
  const onDisk = countLines(join(at('audit'), 'broker-0'))
  const verified = await verify(at('audit'), at('trusted.json'))
  const plain = await appendPlainly(at('chains'), at('plain'), load)
  rmSync(folder, { recursive: true })
  return {
    ackMs: ackMs.sort((one, other) => one - other),
    seconds,
    records,
    refused,
    onDisk,
    residentMiB,
    cpuUs,
    verified,
    plain,
  }
}

const KERBSIDE = join(import.meta.dirname, '../../../src/kerbside.ts')

async function verify(directory: string, keys: string): Promise<Taken['verified']> {
  const args = ['audit', 'verify', directory, '--checkpoints', directory, '--keys', keys]
  const begun = performance.now()
  const child = spawn(process.execPath, [KERBSIDE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  // After it comes what it cannot show.
  const says = said.trimEnd().split('\n').at(-2) ?? ''
  return { isWhole: code === 0, says, seconds: (performance.now() - begun) / 1000 }
}

/** What it costs to have the same bytes on the same disk, and to know nothing about them. */
async function appendPlainly(chains: string, target: string, load: Load): Promise<Taken['plain']> {
  const before = process.cpuUsage()
  const begun = performance.now()
  const records = load.sidecars * load.batches * load.perBatch
  await Promise.all(
    Array.from({ length: load.sidecars }, async (_, sidecar) => {
      const read = readChain(chains, sidecar)
      const file = await open(`${target}-${sidecar}`, 'a')
      for (let batch = 0; batch < load.batches; batch++) {
        await file.write(read(batch))
        await file.datasync()
      }
      await file.close()
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: (user + system) / records, recordsPerSecond: records / ((performance.now() - begun) / 1000) }
}

const PAGE_MIB = 4096 / 2 ** 20
const residentOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_MIB

/** utime and stime of proc(5), in ticks of a hundredth of a second. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const countLines = (root: string): number =>
  readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && /^0{8}-.*\.ndjson$/.test(one.name))
    .reduce((sum, one) => sum + readFileSync(join(one.parentPath, one.name), 'latin1').split('\n').length - 1, 0)
