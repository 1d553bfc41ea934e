/** The broker's server in this process, over real TLS, with real tokens and the example policies; what `main` adds is tested in program.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { openBrokerAudit } from '../../src/broker/audit/open.ts'
import type { Room } from '../../src/broker/audit/room.ts'
import { callersByKeysFile, claimsByKeysFile } from '../../src/broker/keys-file.ts'
import { brokerMetrics } from '../../src/broker/metrics.ts'
import { type DeskParts, secretDesk } from '../../src/broker/secret-desk.ts'
import { secretFlights } from '../../src/broker/secret-flights.ts'
import { brokerServer } from '../../src/broker/server.ts'
import { sliceStreams } from '../../src/broker/slice-streams.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import type { SecretStore } from '../../src/io/secret-store.ts'
import { authorityInDirectory } from '../../src/io/tls/authorities/directory.ts'
import { ensureAuthority, issueLeaf } from '../../src/io/tls/certificates.ts'
import { ISSUER } from './tokens.ts'

export const POLICIES = join(import.meta.dirname, '../../policies')

export type Delivered = {
  readonly status: number
  readonly body: Record<string, unknown>
  /** Seconds, where it says so. */
  readonly retryAfter?: string
}

export type BrokerWishes = {
  /** Where it reads the secrets that it hands out, if it does. */
  readonly store?: SecretStore | undefined
  /** Where its certificates are; whoever starts again with the same is the same to its callers. */
  readonly tls?: string
  /** Forms of slices that it writes: those of another version, or of ours. */
  readonly formats?: readonly number[]
  /** Where it puts records, if it takes them, in which name, and on which port it listens. */
  readonly audit?: {
    readonly directory: string
    readonly name: string
    readonly keyFile?: string
    readonly port?: number
    /** For what it holds in memory. */
    readonly room?: Room
  }
}

export type Broker = {
  /** The example policies, as they stand. */
  readonly bundle: Bundle
  put(bundle: Bundle): void
  readonly url: string
  /** PEM. */
  readonly ca: string
  log(): string
  get(path: string, token?: string, more?: Readonly<Record<string, string>>): Promise<IncomingMessage>
  /** Delivers a batch of records, and answers with status and body. */
  deliver(body: string | Uint8Array, token?: string, type?: string): Promise<Delivered>
  /** Its metrics, as Prometheus reads them. */
  metrics(): Promise<string>
  stop(): Promise<void>
}

/** Three parts in base64url, the first of which is JSON. */
const SERVICE_ACCOUNT_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/

/** @param keys JWK Set of the issuer of tokens */
export async function startBroker(
  keys: string,
  { store, tls, formats, audit: wanted }: BrokerWishes = {},
): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-broker-'))
  const keysFile = join(folder, 'keys.json')
  writeFileSync(keysFile, keys)
  const authority = await ensureAuthority(authorityInDirectory(tls ?? join(folder, 'tls')), Date.now())
  const certificate = await issueLeaf(authority, ['127.0.0.1'], Date.now())
  const read = await readPolicyDirectory(POLICIES)
  if (!('bundle' in read)) throw new Error(JSON.stringify(read.problems))

  let logged = ''
  const log = pino({ name: 'broker' }, { write: (line: string) => (logged += line) })
  const metrics = brokerMetrics(() => streams.count())
  const streams = sliceStreams(Date.now, { sent: metrics.sliceSent, revoked: metrics.streamRevoked })
  const recognise = await callersByKeysFile({ keysFile, issuer: ISSUER, clock: Date.now })
  let inForce = read.bundle
  const onRecords = (count: number, newest: number) => metrics.recordsTaken(count, (Date.now() - newest) / 1000)
  const audit =
    wanted && (await openBrokerAudit({ keyFile: undefined, ...wanted }, { clock: Date.now, log, onRecords }))
  const record: DeskParts['record'] = audit && ((caller, releases) => audit.released(caller, releases, inForce))
  const flights = store === undefined ? undefined : secretFlights(store)
  const onRead: DeskParts['onRead'] = (outcome) => metrics.secretAsked(outcome)
  const secrets = flights && secretDesk({ flights, bundle: () => inForce, log, onRead, record })
  const server = brokerServer({
    log,
    metrics,
    certificate,
    recognise,
    streams,
    formats,
    secrets,
    notReady: () => undefined,
    onRefused: audit?.refused,
    audit: audit && {
      intake: audit.intake,
      writers: await claimsByKeysFile({ keysFile, issuer: ISSUER, clock: Date.now }),
      webhook: 'kerbside/kerbside-webhook',
      log,
      onBatch: metrics.batch,
      onRefused: audit.refusedBatch,
      room: wanted?.room,
    },
  })
  await server.listen({ host: '127.0.0.1', port: wanted?.port ?? 0 })
  const address = server.server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0

  streams.update(read.bundle)
  return {
    bundle: read.bundle,
    put(bundle) {
      inForce = bundle
      streams.update(bundle)
    },
    log: () => logged,
    url: `https://127.0.0.1:${port}`,
    ca: authority.certificatePem,
    get: (path, token, more) => ask({ port, ca: authority.certificatePem, path, token, more }),
    deliver: (body, token, type) => deliver({ port, ca: authority.certificatePem, token, body, type }),
    metrics: () => metrics.registry.metrics(),
    async stop() {
      streams.end()
      flights?.close()
      await server.close()
      await audit?.close()
      rmSync(folder, { recursive: true, force: true })
      if (SERVICE_ACCOUNT_TOKEN.test(logged)) throw new Error('a service-account token is in the log of the broker')
    },
  }
}

type Headers = Readonly<Record<string, string>>
type Question = { port: number; ca: string; path: string; token: string | undefined; more?: Headers | undefined }

export function ask({ port, ca, path, token, more }: Question): Promise<IncomingMessage> {
  const headers = { ...more, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, ca, agent: false }, resolve).on('error', reject).end()
  })
}

type Delivery = {
  port: number
  ca: string
  token: string | undefined
  body: string | Uint8Array
  type: string | undefined
}

export async function deliver({ port, ca, token, body, type = 'application/x-ndjson' }: Delivery): Promise<Delivered> {
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { ...bearer, 'content-type': type }
  // Kept open, as a sidecar keeps it: an answer that comes before all of the body was read is not lost with the connection.
  const agent = new Agent({ keepAlive: true })
  const options = { host: '127.0.0.1', port, path: '/v1/audit', method: 'POST', headers, ca, agent }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(options, resolve).on('error', reject).end(body)
  })
  const text = await bodyOf(answer)
  agent.destroy()
  const { 'retry-after': retryAfter } = answer.headers
  const status = answer.statusCode ?? 0
  return { status, body: JSON.parse(text || '{}'), ...(retryAfter === undefined ? {} : { retryAfter }) }
}

/** The lines of a stream as they come, without heartbeats; done when the broker ends it. */
export async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  for await (const line of createInterface(answer)) if (line !== '') yield line
}

export async function bodyOf(answer: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of answer.setEncoding('utf8')) body += chunk
  return body
}
