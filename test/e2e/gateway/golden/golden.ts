/** What a golden case is, and how one is played: bytes to the gateway, what it sent to HDFS, and what HDFS says to the same bytes. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Standing } from '../standing.ts'
import type { Upstream } from '../tap.ts'

export type Golden = {
  /** A sentence: the trap, and what becomes of it. */
  readonly trap: string
  /** Method and target, byte for byte after `/webhdfs/v1`, or whole after `=`. */
  readonly request: string
  readonly headers?: readonly string[]
  readonly body?: string
  /** What HDFS answers to the same bytes, with the team's delegation token: status and exception. */
  readonly direct: string
  /** What the gateway sends: to whom, method, and target without prefix and delegation token. */
  readonly upstream: readonly string[]
  /** What the gateway answers: status, and the reason code or the exception of HDFS. */
  readonly answer: string
}

export type Played = Pick<Golden, 'direct' | 'upstream' | 'answer'> & { readonly raw: string }

/** @param seen what the tap has seen; emptied first */
export async function play(golden: Golden, standing: Standing, seen: Upstream[]): Promise<Played> {
  await layOut(golden, standing)
  seen.length = 0
  const raw = await throughGateway(golden, standing)
  const upstream = seen.map(({ to, method, target }) => `${to} ${method} ${withoutOurs(target)}`)
  await layOut(golden, standing)
  return { direct: told(await directly(golden, standing)), upstream, answer: told(raw), raw }
}

/** `x` and `z`, two files, and `dir`. Reads leave it as it is. */
async function layOut({ request }: Golden, { direct }: Standing): Promise<void> {
  if (request.startsWith('GET ')) return
  const top = '/team/quant/golden'
  await direct('DELETE', `${top}?op=DELETE&recursive=true`)
  await direct('PUT', `${top}/dir?op=MKDIRS`)
  for (const file of ['x', 'z']) await direct('PUT', `${top}/${file}?op=CREATE`, Buffer.from('golden'))
}

const withoutOurs = (target: string): string =>
  target.replace(/^\/webhdfs\/v1/, '').replace(/&(?:delegation|namenoderpcaddress)=[^&]*/g, '')

async function throughGateway(golden: Golden, { gateway }: Standing): Promise<string> {
  const host = `127.0.0.1:${gateway.port}`
  return converse(connect(gateway.port, '127.0.0.1'), messageOf(golden, host, ''))
}

/** Not through `direct` of the standing: a URL library would change the bytes. */
async function directly(golden: Golden, { lab, active, delegationToken }: Standing): Promise<string> {
  const host = `${await active()}.lab`
  const ca = readFileSync(lab.files.authority)
  const socket = connectTls({ host, port: 9871, servername: host, ca })
  await once(socket, 'secureConnect')
  const mark = golden.request.includes('?') ? '&' : '?'
  return converse(socket, messageOf(golden, `${host}:9871`, `${mark}delegation=${delegationToken}`))
}

function messageOf({ request, headers = [], body = '' }: Golden, host: string, more: string): string {
  const [method = '', ...rest] = request.split(' ')
  const target = rest.join(' ')
  const whole = /^[/?]/.test(target) ? `/webhdfs/v1${target}` : target.replace(/^=/, '')
  const isHostGiven = headers.some((header) => /^host:/i.test(header))
  const lines = [
    `${method} ${whole}${more} HTTP/1.1`,
    ...(isHostGiven ? [] : [`Host: ${host}`]),
    ...headers.map((header) => header.replace('{{host}}', host)),
    ...(method === 'GET' || headers.some((header) => /^content-length|^transfer/i.test(header))
      ? []
      : [`Content-Length: ${body.length}`]),
    ...(headers.some((header) => /^connection:/i.test(header)) ? [] : ['Connection: close']),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

async function converse(socket: Socket, bytes: string): Promise<string> {
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  socket.setTimeout(5000, () => socket.destroy())
  socket.write(Buffer.from(bytes, 'latin1'))
  await once(socket, 'close')
  return text
}

/** `400 dot-segment`: the reason code at the end of our sentences, else the exception. */
function told(raw: string): string {
  const statuses = [...raw.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status)
  const final = statuses.find((status) => status !== '100') ?? 'closed'
  const reason = /\(([a-z-]+)\)"/.exec(raw)?.[1] ?? /"exception":"(\w+)"/.exec(raw)?.[1]
  return reason === undefined ? final : `${final} ${reason}`
}
