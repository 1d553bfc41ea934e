/** HTTP on loopback: bounds, framing, and one {@link Client} for each request. */
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { KerbsideError } from '../../src/core/errors.ts'
import { createServer } from '../../src/io/node-http.ts'
import { Client } from './client.ts'
import { makeRoom } from './connections.ts'
import type { Limits } from './limits.ts'
import { Turns } from './turns.ts'

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
    keepAliveTimeout: limits.idleMs,
    // An upload may take hours; a socket without a byte is ended by `timeout`.
    requestTimeout: 0,
    insecureHTTPParser: false,
  })
  makeRoom(server, limits.connections)
  server.timeout = limits.idleMs
  const turns = new Turns(limits.requestsAhead)
  const take = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean) => {
    // Node hands over such a head before it refuses it: `clientError` follows.
    if (!/^(?:chunked)?$/i.test(request.headers['transfer-encoding'] ?? '')) return
    const client = new Client(request, response, limits, awaitsContinue)
    turns.take(request.socket, (done) => {
      response.once('close', done)
      answer(client)
    })
  }
  server.on('request', (request, response) => take(request, response, false))
  server.on('checkContinue', (request, response) => take(request, response, true))
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
