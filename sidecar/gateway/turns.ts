/** One request of a connection at a time, in the order in which they came (RFC 9112, 9.3.2). */
import type { Socket } from 'node:net'

/**
 * Node hands over all requests that are in one packet at once. Walked side by side, those of one connection would overtake
 * each other, and a thousand of them would stand before every other client at the NameNode.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, (() => void)[]>()
  readonly #most: number

  /** @param most that may wait behind one; a connection that sends more is cut, since no client of HDFS sends ahead */
  constructor(most: number) {
    this.#most = most
  }

  /** Calls `begin` when it is its turn; `done` is called back when the request is answered. */
  take(socket: Socket, begin: (done: () => void) => void): void {
    const waiting = this.#waiting.get(socket)
    const turn = () => begin(() => this.#next(socket))
    if (waiting === undefined) {
      this.#waiting.set(socket, [])
      turn()
    } else if (waiting.length < this.#most) waiting.push(turn)
    else socket.destroy()
  }

  #next(socket: Socket): void {
    const next = socket.destroyed ? undefined : this.#waiting.get(socket)?.shift()
    if (next === undefined) this.#waiting.delete(socket)
    else next()
  }
}
