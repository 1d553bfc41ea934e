/**
 * A broker over loopback TLS that says exactly what a test wants: the real one cannot be made to go silent, to send another
 * identity's slice, or half a line. `test/e2e/credentials/sidecar.test.ts` runs the sidecar that this test drives.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { BrokerClient } from '../../../sidecar/policy/broker-client.ts'
import { readBatch } from '../../../src/core/audit/delivery.ts'
import { type Authority, ensureAuthority, issueLeaf } from '../../../src/io/tls/certificates.ts'

export type LoopbackBroker = {
  readonly url: string
  readonly ca: string
  /** What the client sent: path and `Authorization`, one for each connection. */
  readonly seen: { readonly path: string; readonly authorization: string | undefined }[]
  /** Every connection from now on is answered so, but for deliveries of records, which are always taken. */
  answer(how: (response: ServerResponse) => void): void
  /** Writes to every open connection. */
  say(text: string): void
  /** Cuts every open connection. */
  cut(): void
  close(): Promise<void>
}

export async function makeAuthority(): Promise<Authority> {
  return ensureAuthority({ read: async () => undefined, create: async () => true }, Date.now())
}

export async function startLoopbackBroker(authority: Authority, host = '127.0.0.1', port = 0): Promise<LoopbackBroker> {
  const leaf = await issueLeaf(authority, [host], Date.now())
  const open = new Set<ServerResponse>()
  const seen: LoopbackBroker['seen'] = []
  let how: (response: ServerResponse) => void = (response) => response.writeHead(200).flushHeaders()
  const server = createServer(
    { key: leaf.keyPem, cert: leaf.certificatePem },
    (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/v1/audit') return void takeRecords(request, response)
      seen.push({ path: request.url ?? '', authorization: request.headers.authorization })
      open.add(response)
      response.on('close', () => open.delete(response))
      how(response)
    },
  )
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: `https://${host}:${(server.address() as AddressInfo).port}`,
    ca: authority.certificatePem,
    seen,
    answer(next) {
      how = next
    },
    say(text) {
      for (const response of open) response.write(text)
    },
    cut() {
      for (const response of open) response.destroy()
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** As a broker does that has all of them on its disk. */
async function takeRecords(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const batch = readBatch(await text(request))
  if ('rejected' in batch) return void response.writeHead(422).end()
  const last = batch.lines.at(-1)
  const next = last === undefined ? batch.acknowledged : JSON.parse(last).sequence + 1
  response.end(JSON.stringify({ next }))
}

/** Answers with these lines, and stays open. */
export const stream =
  (...lines: readonly string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write(`${lines.join('\n')}\n`)
  }

export const refuse = (status: number, body: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** What a client has now: a slice, by its identity, or why there is none. */
export function codeOf(client: Pick<BrokerClient, 'get'>): string {
  try {
    return `slice of ${client.get().identity}`
  } catch (error) {
    return (error as { code: string }).code
  }
}
