/** A service over loopback TLS under names of others, which answers as it is told to, or breaks on the way. */
import dns from 'node:dns'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { ensureAuthority, issueLeaf } from '../../../src/io/tls/certificates.ts'

export type Asked = {
  readonly method: string
  /** Host without port, and path with query: `sts.googleapis.com/v1/token`. */
  readonly where: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON when it is not a string. */
  readonly body: unknown
}
/** Breaks an answer, or gives another one. */
export type Fault = (response: ServerResponse, asked: Asked) => void

export type LoopbackService = {
  readonly port: number
  /** CA of its certificate, PEM. */
  readonly ca: string
  /** `GET host/path` of each request. */
  readonly seen: string[]
  /** From now on this becomes of requests whose `where` matches; the others are answered. */
  breaks(where: RegExp, fault: Fault): void
  heals(): void
  close(): Promise<void>
}

export const newAuthority = () => ensureAuthority({ read: async () => undefined, create: async () => true }, Date.now())

export async function startLoopbackService(
  names: readonly [string, ...string[]],
  answer: (asked: Asked) => Answer | Promise<Answer>,
): Promise<LoopbackService> {
  const authority = await newAuthority()
  const leaf = await issueLeaf(authority, names, Date.now())
  const seen: string[] = []
  let broken: { where: RegExp; fault: Fault } | undefined
  const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, async (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    const asked = { method: request.method ?? '', where: `${host}${request.url}`, headers: request.headers }
    seen.push(`${asked.method} ${asked.where}`)
    const whole = { ...asked, body: await text(request) }
    if (broken?.where.test(asked.where)) return broken.fault(response, whole)
    const { status, headers, body } = await answer(whole)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    ca: authority.certificatePem,
    seen,
    breaks(where, fault) {
      broken = { where, fault }
    },
    heals() {
      broken = undefined
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/**
 * Lets every name lead to 127.0.0.1, and writes down each name that is looked up and each `host:port` that a connection is
 * opened to, by whoever in this thread.
 */
export function watchTheWayOut() {
  const names = new Set<string>()
  const connections = new Set<string>()
  const connect = net.Socket.prototype.connect as (this: net.Socket, ...args: unknown[]) => net.Socket
  const sockets = vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function (this: net.Socket, ...args) {
    // Node hands over its options as they are, or as the first of a list.
    const [first] = args as readonly unknown[]
    const { host, port, path } = (Array.isArray(first) ? first[0] : first) as Record<string, unknown>
    connections.add(typeof path === 'string' && port === undefined ? path : `${String(host)}:${String(port)}`)
    return connect.apply(this, args)
  })
  const lookups = vi.spyOn(dns, 'lookup').mockImplementation(((name: string, options: unknown, done: unknown) => {
    names.add(name)
    const { all } = options as { all?: boolean }
    const answer = done as (error: null, address: unknown, family?: number) => void
    if (all) answer(null, [{ address: '127.0.0.1', family: 4 }])
    else answer(null, '127.0.0.1', 4)
  }) as unknown as typeof dns.lookup)
  return {
    names,
    connections,
    stop() {
      sockets.mockRestore()
      lookups.mockRestore()
    },
  }
}
