/** A client by hand: it sends the head of an upload, then what a test gives it, and stops as a test says. */
import { connect, type Socket } from 'node:net'

export type Sender = { readonly socket: Socket; readonly heard: () => string }

/** Sends the head of a request to the gateway at `port`, and keeps all that comes back. */
export function sendHead(port: number, head: string, ...headers: string[]): Sender {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let heard = ''
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1')
  })
  socket.write([`${head} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n'))
  return { socket, heard: () => heard }
}

export const CHUNKED = 'Transfer-Encoding: chunked'

export const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
