/** The webhook's server in this process, over real TLS; what `main` adds runs in test/e2e/admission. */
import { once } from 'node:events'
import { Agent, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { pino } from 'pino'
import type { Admission, Verdict } from '../../src/core/identity/admission.ts'
import { evaluate } from '../../src/core/identity/evaluate.ts'
import type { Json, JsonObject } from '../../src/core/identity/json.ts'
import { issueLeaf, LIVES, newAuthority } from '../../src/io/tls/certificates.ts'
import { webhookMetrics } from '../../webhook/metrics.ts'
import { type ServerLimits, webhookServer } from '../../webhook/server.ts'
import { BUNDLE, INJECTION } from '../core/identity/world.ts'

export type Answer = {
  readonly status: number
  readonly body: string
  readonly headers: NodeJS.Dict<string | string[]>
  readonly certificate: string
}

export type Webhook = {
  /** What may be changed while it runs. */
  readonly world: { decide(admission: Admission): Verdict; problem: string | undefined; isEnding: boolean }
  readonly server: Server
  readonly port: number
  readonly ca: string
  readonly metrics: ReturnType<typeof webhookMetrics>
  /** Everything that was logged, and from now on anew. */
  takeLog(): string
  renew(): Promise<void>
  call(method: string, path: string, body?: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>
  /** The next call opens a connection. */
  hangUp(): void
  stop(): Promise<void>
}

export const normal = (admission: Admission): Verdict => evaluate(admission, BUNDLE, INJECTION)

export async function startWebhook(limits: Partial<ServerLimits> = {}): Promise<Webhook> {
  const world: Webhook['world'] = { decide: normal, problem: undefined, isEnding: false }
  let logged = ''
  const log = pino({}, { write: (line: string) => (logged += line) })
  const metrics = webhookMetrics()
  const authority = await newAuthority(Date.now(), LIVES)
  const server = webhookServer({
    log,
    metrics,
    evaluate: (admission) => world.decide(admission),
    notReady: () => world.problem,
    isEnding: () => world.isEnding,
    limits,
  })
  const renew = async () => {
    const leaf = await issueLeaf(authority, ['localhost'], Date.now())
    server.setSecureContext({ cert: leaf.certificatePem, key: leaf.keyPem })
  }
  await renew()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const ca = authority.certificatePem
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 8 })

  function call(method: string, path: string, body?: string | Uint8Array, headers = JSON_HEADERS): Promise<Answer> {
    const options = { host: '127.0.0.1', servername: 'localhost', port, method, path, headers, agent }
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (incoming) => {
        const certificate = (incoming.socket as TLSSocket).getPeerCertificate().fingerprint256
        let text = ''
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, body: text, headers: incoming.headers, certificate })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }
  return {
    world,
    server,
    port,
    ca,
    metrics,
    takeLog() {
      const taken = logged
      logged = ''
      return taken
    },
    renew,
    call,
    hangUp: () => agent.destroy(),
    async stop() {
      agent.destroy()
      await once(server.close(), 'close')
    },
  }
}

const JSON_HEADERS: Record<string, string> = { 'content-type': 'application/json' }

/** An AdmissionReview of this pod, as text. */
export const review = (object: unknown, about: JsonObject = {}): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'ml-quant',
      operation: 'CREATE',
      object,
      ...about,
    },
  })
export const responseOf = ({ body }: Answer) => JSON.parse(body).response as { [key: string]: Json }
export const patchIn = (answer: Answer) =>
  JSON.parse(Buffer.from(String(responseOf(answer)['patch']), 'base64').toString())
