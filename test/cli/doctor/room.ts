/** A place for doctor to look at, all on loopback: a broker that hands out a slice, a folder of secrets, and the settings of a sidecar. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import type { Slice, SliceCluster } from '../../../src/core/policy/slice.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { writeSettings } from '../../../src/core/settings.ts'
import { aes, keytab } from '../../core/kerberos/keytab-bytes.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import {
  type LoopbackBroker,
  makeAuthority,
  startLoopbackBroker,
  stream,
} from '../../sidecar/policy/loopback-broker.ts'
import { type Ran, runCli } from '../run-cli.ts'

const NOW_SECONDS = Math.floor(Date.now() / 1000)
/** What nobody may read on a screen. */
export const SIGNATURE = 'SIGNATURE-OF-THE-TOKEN'

const PAYLOAD = {
  aud: ['kerbside.io'],
  iat: NOW_SECONDS - 60,
  exp: NOW_SECONDS + 3540,
  iss: 'https://kubernetes.default.svc',
  'kubernetes.io': {
    namespace: 'ml-quant',
    pod: { name: 'train-0', uid: 'pod-uid' },
    serviceaccount: { name: 'trainer', uid: 'account-uid' },
  },
}
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export class Room {
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-doctor-test-'))
  readonly broker: LoopbackBroker
  /** CA that signed the broker's certificate, and stands for that of the cluster. */
  readonly caPem: string
  #environment: Readonly<Record<string, string>>
  readonly #servers: Server[] = []

  private constructor(broker: LoopbackBroker) {
    this.broker = broker
    this.caPem = broker.ca
    for (const name of ['run', 'store']) mkdirSync(join(this.folder, name))
    this.#environment = writeSettings({
      identity: 'quant-research',
      pod: 'train-0',
      podUid: 'pod-uid',
      namespace: 'ml-quant',
      serviceAccount: 'trainer',
      node: 'node1',
      broker: broker.url,
      ca: broker.ca,
      tokenFile: join(this.folder, 'token'),
      store: 'files',
      storeUrl: 'none',
      storeMount: join(this.folder, 'store'),
      storeRole: 'none',
      storeAuth: 'none',
      storeLoginUrl: 'none',
      storeNamespace: 'none',
      storeKvVersion: '2',
      gatewayPort: 9870,
      healthPort: 9872,
      runDirectory: join(this.folder, 'run'),
      auditDirectory: join(this.folder, 'audit'),
      clientDirectory: join(this.folder, 'client'),
      logLevel: 'info',
    })
  }

  static async open(): Promise<Room> {
    const room = new Room(await startLoopbackBroker(await makeAuthority()))
    room.token({})
    room.put('hdfs/lab/ca.pem', room.caPem)
    room.put('hdfs/quant-research/keytab', keytab(aes('quant@LAB', 3)))
    room.cluster({})
    return room
  }

  /** The slice that the broker hands out. Nothing answers at the addresses unless they are named. */
  cluster(change: Partial<SliceCluster>): void {
    const nowhere = { nameNodes: ['https://127.0.0.1:1'], kdcs: ['127.0.0.1:1'] }
    this.slice({ cluster: { ...SLICE.cluster, ...nowhere, ...change } })
  }

  slice(change: Partial<Slice>): void {
    this.broker.answer(stream(writeSlice({ ...SLICE, ...change })))
  }

  /** The service-account token, with other claims. */
  token(change: object): string {
    const token = `${base64url({ alg: 'RS256' })}.${base64url({ ...PAYLOAD, ...change })}.${SIGNATURE}`
    writeFileSync(join(this.folder, 'token'), token)
    return token
  }

  put(secret: string, content: string | Uint8Array): string {
    const file = join(this.folder, 'store', secret)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  set(variable: string, value: string): void {
    this.#environment = { ...this.#environment, [variable]: value }
  }

  /** Port of a server that does this with each connection. */
  async listening(server: Server): Promise<number> {
    this.#servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** In the container of the sidecar. */
  run(...args: readonly string[]): Promise<Ran> {
    return runCli(['doctor', ...args], false, () => false, this.#environment)
  }

  async json(...args: readonly string[]): Promise<ReportJson> {
    return JSON.parse((await this.run('--output', 'json', ...args)).out) as ReportJson
  }

  async close(): Promise<void> {
    for (const server of this.#servers) server.close()
    await this.broker.close()
    rmSync(this.folder, { recursive: true })
  }
}

/** `fail: what it says`, of one check; the first where it says more. */
export function ofCheck({ findings }: ReportJson, check: string): string {
  const { state, says } = findings.find((finding) => finding.check === check) ?? { state: 'absent', says: '' }
  return `${state}: ${says}`
}
