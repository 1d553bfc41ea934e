/** A gateway in front of the fake HDFS, and a client that sends exactly the bytes it is given. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { type Gateway, startGateway } from '../../../sidecar/gateway/gateway.ts'
import type { Limits } from '../../../sidecar/gateway/limits.ts'
import type { DelegationTokens } from '../../../sidecar/ports.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { expectNoCredential, watchAnswers } from '../../sweep/watch-answers.ts'
import { type FakeHdfs, startFakeHdfs } from './fake-hdfs.ts'
import { AuditInMemory, ChangingSlice, SLICE, WHO } from './story.ts'

/** What every delegation token here begins with: no answer, record, warning or counter may have it. */
const SECRET = 'DELEGATION-TOKEN-'

/** Numbered, so that a test sees whether one was replaced. */
export class NumberedTokens implements DelegationTokens {
  number = 1
  current = async () => `${SECRET}${this.number}`
  async replace(refused: string) {
    if (refused === `${SECRET}${this.number}`) this.number += 1
    return this.current()
  }
}

export type Setup = {
  readonly hdfs: FakeHdfs
  readonly gateway: Gateway
  readonly audit: AuditInMemory
  readonly slice: ChangingSlice
  readonly tokens: NumberedTokens
  readonly warnings: string[]
  /** A slice like the story's, with the cluster of the fake. */
  inPlace(slice: Slice): Slice
  stop(): Promise<void>
}

export async function setUp(limits: Partial<Limits> = {}, caPem?: string): Promise<Setup> {
  const hdfs = await startFakeHdfs()
  const cluster = { ...SLICE.cluster, nameNodes: [hdfs.nn1.origin, hdfs.nn2.origin], dataNodeHosts: ['localhost'] }
  const inPlace = (slice: Slice) => ({ ...slice, cluster })
  const audit = new AuditInMemory()
  const slice = new ChangingSlice(inPlace(SLICE))
  const tokens = new NumberedTokens()
  const warnings: string[] = []
  let port = 0
  const sweep = new Sweep({ 'delegation token': SECRET })
  const watch = watchAnswers(sweep, (socket) => socket.localPort === port)
  const gateway = await startGateway({
    port: 0,
    slice,
    tokens,
    audit,
    trust: () => ({ caPem: caPem ?? hdfs.caPem }),
    who: () => WHO,
    clock: Date.now,
    log: { warn: (message) => warnings.push(message) },
    limits: {
      firstPauseMs: 5,
      longestPauseMs: 20,
      failoverMs: 400,
      verdictMs: 400,
      closeMs: 100,
      cutMs: 400,
      ...limits,
    },
  })
  port = gateway.port
  let closing: Promise<void> | undefined
  const close = () => (closing ??= gateway.close())
  const stop = async () => {
    await close()
    await hdfs.stop()
    expectNoCredential(watch, sweep, [audit.entries, warnings, gateway.counters()])
  }
  return { hdfs, gateway: { ...gateway, close }, audit, slice, tokens, warnings, inPlace, stop }
}

/** All that a client needs to know. */
export type At = { readonly gateway: Pick<Gateway, 'port'> }

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }

/** One request through Node's client, with the path as it is given: nothing normalised. */
export async function ask(
  { gateway }: At,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: OutgoingHttpHeaders; body?: string | Buffer } = {},
): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port: gateway.port, method, path, headers, agent: false })
  request.end(body)
  const [response] = await once(request, 'response')
  // A body that is refused may break off after the answer.
  request.on('error', () => {})
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

/** The sentence in a RemoteException. */
export const messageOf = ({ body }: Answer): string => JSON.parse(body).RemoteException.message

/** Follows the redirect that step one must give, and sends the body there. */
export async function inTwoSteps(setup: Setup, method: string, path: string, body?: string): Promise<Answer> {
  const first = await ask(setup, method, path)
  const location = new URL(first.headers.location ?? 'http://no-location')
  return ask(setup, method, location.pathname + location.search, body === undefined ? {} : { body })
}

/** Sends bytes as they are, and gives all that comes back before the connection ends. */
export async function sendRaw({ gateway }: At, bytes: string): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(Buffer.from(bytes, 'latin1'))
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  await once(socket, 'close')
  return answer
}
