/**
 * A NameNode pair and a DataNode over TLS on loopback, for faults that the real ones cannot be made to show: a redirect to
 * a foreign host, a token that turns invalid, an upload that breaks at a chosen byte. test/e2e/gateway shows it alike.
 */
import { once } from 'node:events'
import type { IncomingMessage, Server as PlainServer, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ensureAuthority, issueLeaf } from '../../../src/io/tls/certificates.ts'

export type Seen = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  body: string
}
type Handler = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void

/** One server whose answer a test may replace, and all that it was asked. */
export class FakeNode {
  readonly seen: Seen[] = []
  readonly #server: Server | PlainServer
  readonly #scheme: 'https' | 'http'
  handle: Handler

  constructor(server: Server | PlainServer, handle: Handler, scheme: 'https' | 'http' = 'https') {
    this.#server = server
    this.#scheme = scheme
    this.handle = handle
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const seen: Seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: '' }
      this.seen.push(seen)
      request.on('data', (chunk: Buffer) => {
        seen.body += chunk.toString('latin1')
      })
      request.on('error', () => {})
      this.handle(request, response, seen)
    })
  }

  get origin(): string {
    return `${this.#scheme}://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** Queries it was asked, delegation token and NameNode address left out. */
  get questions(): string[] {
    return this.seen.map(
      ({ method, url }) => `${method} ${url.replace(/[&?](delegation|namenoderpcaddress)=[^&]*/g, '')}`,
    )
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export type FakeHdfs = {
  readonly caPem: string
  readonly nn1: FakeNode
  readonly nn2: FakeNode
  readonly dn: FakeNode
  stop(): Promise<void>
}

export const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export const exception = (response: ServerResponse, name: string, message = '', status = 403): void =>
  json(response, status, { RemoteException: { exception: name, javaClassName: `org.apache.${name}`, message } })

/** One page of a directory, as LISTSTATUS_BATCH gives it. */
export const pageOf = (rows: readonly unknown[], remainingEntries = 0) => ({
  DirectoryListing: { partialListing: { FileStatuses: { FileStatus: rows } }, remainingEntries },
})

let tls: Promise<{ caPem: string; key: string; cert: string }> | undefined

export async function startFakeHdfs(): Promise<FakeHdfs> {
  tls ??= certificates()
  const { caPem, key, cert } = await tls
  const node = async (handle: Handler) => {
    const server = createServer({ key, cert })
    server.listen(0, 'localhost')
    await once(server, 'listening')
    return new FakeNode(server, handle)
  }
  const dn = await node(dataNode)
  const nameNode = nameNodeOf(() => dn.origin)
  const [nn1, nn2] = await Promise.all([node(nameNode), node(nameNode)])
  return { caPem, nn1, nn2, dn, stop: async () => void (await Promise.all([nn1.stop(), nn2.stop(), dn.stop()])) }
}

export const newAuthority = () => ensureAuthority({ read: async () => undefined, create: async () => true }, Date.now())

async function certificates() {
  const authority = await newAuthority()
  const leaf = await issueLeaf(authority, ['localhost'], Date.now())
  return { caPem: authority.certificatePem, key: leaf.keyPem, cert: leaf.certificatePem }
}

/** A healthy, active NameNode: redirects as `NamenodeWebHdfsMethods.redirectURI` does, token in the URL. */
export const nameNodeOf =
  (dataNode: () => string): Handler =>
  (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const operation = new URLSearchParams(query).get('op') ?? ''
    if (['OPEN', 'CREATE', 'APPEND', 'GETFILECHECKSUM'].includes(operation)) {
      const location = `${dataNode()}${path}?${query}&namenoderpcaddress=lab`
      return void response.writeHead(307, { location, 'set-cookie': 'hadoop.auth=SECRET' }).end()
    }
    if (operation === 'GETFILESTATUS')
      return json(response, 200, { FileStatus: { type: 'FILE', fileId: 16_387, length: 5 } })
    json(response, 200, { boolean: true })
  }

/** A healthy DataNode: says 100 unasked, 201 or 200 at the end of a body, closes each connection. */
export const dataNode: Handler = (request, response) => {
  if (request.method === 'GET') {
    return void response.writeHead(200, { 'content-length': '5', connection: 'close' }).end('bytes')
  }
  response.writeContinue()
  request.on('end', () => {
    const status = request.method === 'PUT' ? 201 : 200
    response.writeHead(status, { location: 'hdfs://nn/x', connection: 'close' }).end()
  })
}
