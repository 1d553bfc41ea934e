/** One request to HDFS. No body to a NameNode, ever: a form in it would be read as parameters. */
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Method } from '../../src/core/hdfs/operation.ts'
import type { Protocol } from '../../src/core/hdfs/redirect.ts'
import { request as httpRequest } from '../../src/io/node-http.ts'
import type { Limits } from './limits.ts'
import { type Failure, failureOf } from './upstream-failure.ts'

export type Asked = {
  readonly protocol: Protocol
  readonly host: string
  readonly port: number
  readonly method: Method
  /** Path and query, percent-encoded. Holds the delegation token: never logged. */
  readonly path: string
  readonly agent: Agent
}

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }

/** The CSRF filter, where a cluster has it, wants the header from anything that it takes for a browser. */
const HEADERS = { 'user-agent': 'kerbside', 'x-xsrf-header': 'kerbside', accept: '*/*' }

/** Begins a request. The caller ends it, hears its `error`, and reads its `response`. */
export function begin(asked: Asked, limits: Limits, headers: Record<string, string> = {}): ClientRequest {
  const send = asked.protocol === 'https:' ? httpsRequest : httpRequest
  const sent = send({ ...asked, headers: { ...HEADERS, ...headers } })
  sent.setTimeout(limits.idleMs, () => sent.destroy(new Error(`no byte for ${limits.idleMs} ms`)))
  return sent
}

/** Nobody refused it: the other side may be dead, or busy with others. */
export class NoConnectionYet extends Error {}

/** Resolves when the connection stands, TLS included: with what went wrong, or with nothing. */
export function connected(sent: ClientRequest, withinMs: number): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => sent.destroy(new NoConnectionYet(`no connection in ${withinMs} ms`)), withinMs)
    const settle = (failure?: Failure) => {
      clearTimeout(timer)
      resolve(failure)
    }
    sent.once('error', (error) => settle(failureOf(error, false)))
    sent.once('socket', (socket) => {
      if (sent.reusedSocket) return settle()
      socket.once(sent.protocol === 'https:' ? 'secureConnect' : 'connect', () => settle())
    })
  })
}

/** The head of the answer, or what went wrong on the way to it. */
export function answered(sent: ClientRequest, limits: Limits): Promise<IncomingMessage | Failure> {
  return new Promise((resolve) => {
    const late = () => sent.destroy(new Error(`no answer in ${limits.answerMs} ms`))
    const timer = setTimeout(late, limits.answerMs)
    const settle = (outcome: IncomingMessage | Failure) => {
      clearTimeout(timer)
      resolve(outcome)
    }
    sent.once('response', settle)
    sent.on('error', (error) => settle(failureOf(error, true)))
  })
}

/** The whole body as text. Longer than the limit, or cut short, it is no answer. */
export async function collect(response: IncomingMessage, limits: Limits): Promise<string | Failure> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > limits.answerBytes) {
        const cause = new Error(`an answer of more than ${limits.answerBytes} bytes`)
        return { code: 'hdfs-broken-answer', maybeSent: true, cause }
      }
      chunks.push(chunk)
    }
  } catch (error) {
    return failureOf(error, true)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Asks and collects the answer. */
export async function exchange(asked: Asked, limits: Limits): Promise<Answer | Failure> {
  const sent = begin(asked, limits)
  const answering = answered(sent, limits)
  const failure = await connected(sent, limits.connectMs)
  if (failure !== undefined) return failure
  sent.end()
  const response = await answering
  if ('code' in response) return response
  const body = await collect(response, limits)
  if (typeof body !== 'string') return body
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}
