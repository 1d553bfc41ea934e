/** HDFS without us, for clients that know nothing of Kerberos: what they ask goes to the active NameNode as it is, with a token. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'

export type Relay = { readonly url: string; stop(): void }

/** @param nameNode its HTTPS origin. A redirect to a DataNode has the token in it, and is followed by the client itself. */
export async function startRelay(nameNode: string, caPem: string, delegationToken: string): Promise<Relay> {
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? '/', nameNode)
    const target = `${nameNode}${asked.url ?? '/'}${url.search === '' ? '?' : '&'}delegation=${delegationToken}`
    // Hadoop refuses a token beside a name.
    const { host: _host, ...headers } = asked.headers
    const sent = request(
      target.replace(/&user\.name=[^&]*/, ''),
      { method: asked.method, headers, ca: caPem },
      (told) => {
        answer.writeHead(told.statusCode ?? 502, told.headers)
        told.pipe(answer)
      },
    )
    sent.on('error', () => answer.destroy())
    asked.pipe(sent)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
