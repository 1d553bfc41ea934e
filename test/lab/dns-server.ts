/** A name server in one page (RFC 1035): A and PTR from hosts files read at each query, so that editing one is a fault to inject. */
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync } from 'node:fs'

const TYPE_A = 1
const TYPE_PTR = 12
const NAME_UNKNOWN = 3
const TTL_SECONDS = 1

/** A question for the address of `name`, as bytes for port 53. */
export function query(name: string): Buffer {
  const header = Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([header, encodeName(name), Buffer.from([0, TYPE_A, 0, 1])])
}

/** The answer to one datagram: the question again, and the records if there are any. A known name without one answers empty. */
export function answer(message: Buffer, hosts: string): Buffer {
  const { name, end } = decodeName(message, 12)
  const type = message.readUInt16BE(end)
  const data = lookUp(name.toLowerCase(), type, hosts)
  const flags = 0x8580 | (data === undefined ? NAME_UNKNOWN : 0)
  const records = (data ?? []).map((value) => record(type, value))
  const header = Buffer.alloc(12)
  for (const [index, word] of [message.readUInt16BE(0), flags, 1, records.length].entries()) {
    header.writeUInt16BE(word, index * 2)
  }
  return Buffer.concat([header, message.subarray(12, end + 4), ...records])
}

function lookUp(name: string, type: number, hosts: string): Buffer[] | undefined {
  const rows = hosts.split('\n').map((line) => line.trim().split(/\s+/))
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)
  if (reverse !== null) {
    const address = reverse.slice(1).reverse().join('.')
    const host = rows.find((row) => row[0] === address)?.[1]
    return host === undefined ? undefined : type === TYPE_PTR ? [encodeName(host)] : []
  }
  const addresses = rows.filter((row) => row.slice(1).includes(name)).map(([address = '']) => address)
  if (addresses.length === 0) return undefined
  return type === TYPE_A ? addresses.map((address) => Buffer.from(address.split('.').map(Number))) : []
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, TTL_SECONDS, 0, data.length])
  return Buffer.concat([head, data])
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}

function decodeName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = []
  let at = start
  for (let size = message.readUInt8(at); size > 0; size = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + size))
    at += 1 + size
  }
  return { name: labels.join('.'), end: at + 1 }
}

if (import.meta.main) {
  const [, , address, ...hostsPaths] = process.argv
  const hosts = () => hostsPaths.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('\n')
  const socket = createSocket('udp4')
  socket.on('message', (message, { port, address: client }) => {
    try {
      socket.send(answer(message, hosts()), port, client)
    } catch {
      // Not a question: no answer is the answer.
    }
  })
  socket.bind(53, address)
}
