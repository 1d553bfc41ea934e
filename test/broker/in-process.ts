/** The broker's server in this process, over real TLS, with real tokens and the example policies; what `main` adds is tested in program.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { callersByKeysFile } from '../../src/broker/keys-file.ts'
import { brokerMetrics } from '../../src/broker/metrics.ts'
import { secretDesk } from '../../src/broker/secret-desk.ts'
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

export type Broker = {
  /** The example policies, as they stand. */
  readonly bundle: Bundle
  put(bundle: Bundle): void
  readonly url: string
  /** PEM. */
  readonly ca: string
  log(): string
  get(path: string, token?: string): Promise<IncomingMessage>
  stop(): Promise<void>
}

/** Three parts in base64url, the first of which is JSON. */
const SERVICE_ACCOUNT_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/

/** @param store where it reads the secrets that it hands out, if it does */
export async function startBroker(keys: string, store?: SecretStore): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-broker-'))
  const keysFile = join(folder, 'keys.json')
  writeFileSync(keysFile, keys)
  const authority = await ensureAuthority(authorityInDirectory(join(folder, 'tls')), Date.now())
  const certificate = await issueLeaf(authority, ['127.0.0.1'], Date.now())
  const read = await readPolicyDirectory(POLICIES)
  if (!('bundle' in read)) throw new Error(JSON.stringify(read.problems))

  let logged = ''
  const log = pino({ name: 'broker' }, { write: (line: string) => (logged += line) })
  const metrics = brokerMetrics(() => streams.count())
  const streams = sliceStreams(Date.now, { sent: metrics.sliceSent, revoked: metrics.streamRevoked })
  const recognise = await callersByKeysFile({ keysFile, issuer: ISSUER, clock: Date.now })
  let inForce = read.bundle
  const flights = store === undefined ? undefined : secretFlights(store)
  const secrets =
    flights && secretDesk({ flights, bundle: () => inForce, log, onRead: (outcome) => metrics.secretAsked(outcome) })
  const server = brokerServer({ log, metrics, certificate, recognise, streams, secrets, notReady: () => undefined })
  await server.listen({ host: '127.0.0.1', port: 0 })
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
    get: (path, token) => ask({ port, ca: authority.certificatePem, path, token }),
    async stop() {
      streams.end()
      flights?.close()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
      if (SERVICE_ACCOUNT_TOKEN.test(logged)) throw new Error('a service-account token is in the log of the broker')
    },
  }
}

type Question = { port: number; ca: string; path: string; token: string | undefined }

export function ask({ port, ca, path, token }: Question): Promise<IncomingMessage> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, ca, agent: false }, resolve).on('error', reject).end()
  })
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
