/**
 * From a saved policy file to the last sidecar that has its slice, and to the end of a read that is under way through a
 * real gateway. Sidecars are the real clients, over TLS, all in one process: they share a processor that they would not share in a cluster.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '../../../sidecar/gateway/gateway.ts'
import { makeLog } from '../../../sidecar/log.ts'
import { BrokerClient } from '../../../sidecar/policy/broker-client.ts'
import { claimsOf, makeIssuer } from '../../broker/tokens.ts'
import { startFakeHdfs } from '../../sidecar/gateway/fake-hdfs.ts'
import { NumberedTokens } from '../../sidecar/gateway/set-up.ts'
import { AuditInMemory, WHO } from '../../sidecar/gateway/story.ts'
import { datasetName, type LargePolicy, largePolicy, prefixOf, teamName } from '../large-policy.ts'
import { CLUSTER, grant, writePolicy } from '../policy-text.ts'
import { startBroker } from './broker.ts'

export type Wanted = { readonly sidecars: number; readonly size: LargePolicy; readonly rounds: number }

/** Milliseconds from the save, in rising order: for each sidecar and round, and for the read of each round. */
export type Revoked = { readonly slices: readonly number[]; readonly cuts: readonly number[] }

/** Connected at once; more would only wait for each other's handshakes. */
const TOGETHER = 20

export async function measureRevocation({ sidecars, size, rounds }: Wanted): Promise<Revoked> {
  const hdfs = await startFakeHdfs()
  hdfs.dn.handle = (_request, response) => response.writeHead(200, { 'content-length': '1000000' }).write('x')
  const nameNodes = `nameNodes: [${hdfs.nn1.origin}]`
  const cluster = CLUSTER.replace(/nameNodes: .*/, nameNodes).replace(/dataNodeHosts: .*/, 'dataNodeHosts: [localhost]')
  const policies = writePolicy(new Map([...largePolicy(size), ['cluster.yaml', [cluster]]]))
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'))
  const issuer = await makeIssuer()
  const broker = await startBroker(policies, issuer.keys, folder)
  const log = makeLog({ level: 'error', out: (line) => console.error(line), clock: Date.now })
  const clients: BrokerClient[] = []

  const connect = async (index: number) => {
    const team = teamName(index % size.teams)
    const tokenFile = join(folder, `token-${index}`)
    writeFileSync(tokenFile, await issuer.sign(claimsOf(`ml-${team}`, 'trainer')))
    const { url, ca } = broker
    const identity = `${team}-jobs`
    const client = new BrokerClient({
      url,
      ca,
      tokenFile,
      identity,
      log,
      clock: () => performance.now(),
      chance: () => 0.5,
    })
    clients[index] = client
    await client.first(AbortSignal.timeout(60_000))
  }
  for (let from = 0; from < sidecars; from += TOGETHER) {
    const indexes = Array.from({ length: Math.min(TOGETHER, sidecars - from) }, (_, at) => from + at)
    await Promise.all(indexes.map(connect))
  }
  const [slice] = clients
  if (slice === undefined) throw new Error('there is no sidecar')
  const gateway = await startGateway({
    port: 0,
    slice,
    tokens: new NumberedTokens(),
    trust: () => ({ caPem: hdfs.caPem }),
    audit: new AuditInMemory(),
    who: () => WHO,
    clock: Date.now,
    log: { warn: (message) => console.error(message) },
  })

  const file = join(policies, `teams/${teamName(0)}/grants.yaml`)
  const fresh = join(folder, 'fresh')
  const given = readFileSync(file, 'utf8')
  const before = slice.get().bundle
  const wall = grant('wall', 'deny', [`teams: [${teamName(0)}]`, `datasets: [${datasetName(0)}]`, 'actions: [all]'])
  const taken = `${given}---\n${wall}`
  /** Saves, and resolves with what each sidecar had to wait. */
  const save = (text: string): Promise<readonly number[]> => {
    const heard = clients.map(
      (client) =>
        new Promise<number>((resolve) => {
          const stop = client.onChange(({ bundle }) => {
            if ((bundle === before) !== (text === given)) return
            stop()
            resolve(performance.now() - began)
          })
        }),
    )
    writeFileSync(fresh, text)
    const began = performance.now()
    // Whole or not at all, as editors and kubelets do it.
    renameSync(fresh, file)
    return Promise.all(heard)
  }

  const slices: number[] = []
  const cuts: number[] = []
  for (let round = 0; round < rounds; round++) {
    const response = await beginRead(gateway.port)
    const began = performance.now()
    const cut = untilCut(response).then(() => performance.now() - began)
    slices.push(...(await save(taken)))
    cuts.push(await cut)
    await save(given)
  }
  await gateway.close()
  await Promise.all(clients.map((client) => client.close()))
  await broker.stop()
  await hdfs.stop()
  for (const each of [policies, folder]) rmSync(each, { recursive: true })
  const rising = (one: number, other: number) => one - other
  return { slices: slices.sort(rising), cuts: cuts.sort(rising) }
}

async function beginRead(port: number): Promise<IncomingMessage> {
  const path = `/webhdfs/v1${prefixOf(0)}/part-0?op=OPEN&step=2`
  const sent = request({ host: '127.0.0.1', port, path, agent: false }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`the read was answered with ${response.statusCode}`)
  return response
}

async function untilCut(response: IncomingMessage): Promise<void> {
  const isAborted = new Promise<void>((resolve) => response.once('error', () => resolve()))
  response.resume()
  await isAborted
}
