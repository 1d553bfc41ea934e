/** Keeps the number of connections bounded: when there are too many, one that asks for nothing makes room for the new one. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * To turn the new one away, as `maxConnections` does, would let anyone in the pod lock the job out with connections that
 * never ask anything. A connection counts as idle until the head of a request is whole, so half a head does not help.
 */
export function makeRoom(server: Server, most: number): void {
  const all = new Set<Socket>()
  /** Oldest first. */
  const idle = new Set<Socket>()
  const begin = ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket)
    response.once('close', () => {
      if (all.has(socket)) idle.add(socket)
    })
  }
  server.on('request', begin).on('checkContinue', begin)
  server.on('connection', (socket) => {
    all.add(socket)
    idle.add(socket)
    socket.once('close', () => {
      all.delete(socket)
      idle.delete(socket)
    })
    if (all.size <= most) return
    const [longest = socket] = idle
    // At once, and not when its close has been heard of: a thousand more may come in before that.
    all.delete(longest)
    idle.delete(longest)
    longest.destroy()
  })
}
