/**
 * Stands between the gateway and HDFS, ends TLS with the lab's own authority, and shows every request that passes. Redirects
 * to DataNodes lead through it, too. What HDFS answers is passed on as it is.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Agent, createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { issue } from '../../lab/certificates.ts'
import type { Lab } from '../../lab/lab.ts'

/** One request as it went to HDFS. */
export type Upstream = {
  readonly to: 'namenode' | 'datanode'
  readonly method: string
  /** The request target, byte for byte. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Of the body, so far; whole when the answer has come. */
  bodyBytes: number
  /** Of the answer; 0 until it has come. */
  status: number
}

export type Tap = {
  /** In place of the cluster's `nameNodes`; DataNodes are then at `localhost`. */
  readonly nameNodes: readonly string[]
  stop(): Promise<void>
}

const HOSTS = {
  'nn1.lab:9871': 'namenode',
  'nn2.lab:9871': 'namenode',
  'dn1.lab:9865': 'datanode',
  'dn2.lab:9865': 'datanode',
} as const

/** @param see called for each request once its body has passed */
export async function startTap(lab: Lab, see: (upstream: Upstream) => void): Promise<Tap> {
  const leaf = { file: `tap-${process.pid}`, commonName: 'localhost', hosts: ['localhost'] }
  const { certificate, key } = await issue(lab.folder, leaf)
  const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
  const ca = readFileSync(lab.files.authority)
  const agents = { namenode: new Agent({ ca, keepAlive: true }), datanode: new Agent({ ca, keepAlive: false }) }
  const origins = new Map<string, string>()
  const servers = await Promise.all(
    Object.entries(HOSTS).map(async ([host, to]) => {
      const server = createServer(tls, passOn)
      server.listen(0, 'localhost')
      await once(server, 'listening')
      origins.set(`https://${host}`, `https://localhost:${(server.address() as AddressInfo).port}`)
      return server

      function passOn(request: IncomingMessage, response: ServerResponse): ReturnType<RequestListener> {
        pass(request, response).catch(() => response.destroy())
      }

      async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const seen = seenOf(to, request)
        request.on('data', (chunk: Buffer) => {
          seen.bodyBytes += chunk.length
        })
        const [hostname, port] = host.split(':')
        const headers = { ...request.headers, host }
        const sent = httpsRequest({
          ...{ hostname, port, method: request.method, path: request.url, headers, agent: agents[to] },
          setDefaultHeaders: false,
        })
        response.once('close', () => sent.destroy())
        sent.once('error', () => response.destroy())
        const answering = once(sent, 'response') as Promise<[IncomingMessage]>
        request.once('end', () => see(seen)).pipe(sent)
        const [answer] = await answering
        // A DataNode that refuses says so before it has read the body.
        if (!request.readableEnded) see(seen)
        seen.status = answer.statusCode ?? 0
        response.writeHead(seen.status, { ...answer.headers, ...throughUs(answer.headers.location) })
        await pipeline(answer, response)
      }
    }),
  )

  function throughUs(location: string | undefined): { location?: string } {
    if (location === undefined) return {}
    const [origin] = /^https:\/\/[^/]+/.exec(location) ?? ['']
    return { location: location.replace(origin, origins.get(origin) ?? origin) }
  }

  return {
    nameNodes: ['nn1', 'nn2'].map((name) => origins.get(`https://${name}.lab:9871`) ?? ''),
    async stop() {
      for (const agent of Object.values(agents)) agent.destroy()
      await Promise.all(
        servers.map(async (server) => {
          server.closeAllConnections()
          server.close()
          await once(server, 'close')
        }),
      )
    },
  }
}

function seenOf(to: Upstream['to'], { method = '', url = '', rawHeaders }: IncomingMessage): Upstream {
  const headers: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  return { to, method, target: url, headers, bodyBytes: 0, status: 0 }
}
