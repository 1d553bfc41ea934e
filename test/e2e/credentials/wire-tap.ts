/** A KDC's port with a tap on it: TCP goes through to the real KDC and is counted, and a datagram is counted and goes nowhere. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

export type WireTap = {
  /** As a slice names a KDC. */
  readonly address: string
  readonly connections: number
  readonly datagrams: number
  close(): Promise<void>
}

/** @param kdc host of the real one, which listens at port 88 */
export async function tapOf(kdc: string): Promise<WireTap> {
  const seen = { connections: 0, datagrams: 0 }
  const open = new Set<Socket>()
  const server = createServer((client) => {
    seen.connections++
    const upstream = connect(88, kdc)
    for (const socket of [client, upstream]) open.add(socket.on('close', () => open.delete(socket)))
    pipeline(client, upstream, client, () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const socket = createSocket('udp4', () => seen.datagrams++).bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${port}`,
    get connections() {
      return seen.connections
    },
    get datagrams() {
      return seen.datagrams
    },
    async close() {
      socket.close()
      for (const each of open) each.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
