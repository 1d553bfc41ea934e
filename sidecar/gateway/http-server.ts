/** HTTP on loopback: bounds, framing, and one {@link Client} for each request. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { KerbsideError } from '../../src/core/errors.ts'
import { Client } from './client.ts'
import type { Limits } from './limits.ts'

export type Listening = {
  readonly port: number
  /** Takes no new connection; those that are open go on. */
  refuseNew(): void
  /** Ends the connections that are left. */
  end(): Promise<void>
}

/**
 * @param answer called for each request; a body that waits for `100 Continue` has not been asked for yet
 * @throws KerbsideError `port-taken`
 */
export async function listen(port: number, limits: Limits, answer: (client: Client) => void): Promise<Listening> {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    keepAliveTimeout: limits.keepAliveMs,
    // An upload may take hours; a socket without a byte is ended by `timeout`.
    requestTimeout: 0,
    insecureHTTPParser: false,
  })
  server.maxConnections = limits.connections
  server.timeout = limits.idleMs
  server.on('request', (request, response) => answer(new Client(request, response, limits, false)))
  server.on('checkContinue', (request, response) => answer(new Client(request, response, limits, true)))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => sayMalformed(error, socket as Socket))
  const { port: bound } = await start(server, port)
  const closed = once(server, 'close')
  return {
    port: bound,
    refuseNew() {
      server.close()
      server.closeIdleConnections()
    },
    async end() {
      server.closeAllConnections()
      await closed
    },
  }
}

async function start(server: Server, port: number): Promise<AddressInfo> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    const hint = 'another process in the pod listens there, or a second sidecar runs'
    throw new KerbsideError('port-taken', `cannot listen on 127.0.0.1:${port}`, { cause, hint })
  }
  return server.address() as AddressInfo
}

/** What Node's parser refuses never becomes a request: two lengths, NUL in the target, a header too large. */
function sayMalformed({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy()
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
