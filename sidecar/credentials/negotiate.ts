/**
 * A program that lives for one exchange with the NameNodes: get, renew or cancel a delegation token by SPNEGO. Native code
 * is loaded here and nowhere else.
 */
import type { Agent } from 'node:https'
import { KerbsideError } from '../../src/core/errors.ts'
import { readTokenIdentifier } from '../../src/core/hadoop/delegation-token.ts'
import { answerOneShot, type Way } from '../../src/io/answer-one-shot.ts'
import type { HttpsAnswer } from '../../src/io/https-request.ts'
import { spnegoRequest } from '../../src/io/kerberos/spnego.ts'
import { EarlyAgent, type NameNodesAhead } from './early-agent.ts'

export type NegotiateTask = {
  readonly nameNodes: readonly string[]
  readonly caPem: string
  readonly principal: string
} & ({ readonly do: 'get' } | { readonly do: 'renew' | 'cancel'; readonly token: string })

/** Times are milliseconds since the epoch, by the clock of the NameNode. */
export type Negotiated = {
  readonly token: string
  /** When it was answered: what the other times are to be measured from, since our clock may differ. */
  readonly answeredAt: number
  /** 0 once cancelled. */
  readonly expiresAt: number
  readonly maxAt: number
  /** For the log: names the token, opens nothing. */
  readonly sequenceNumber: number
}

/** One NameNode, spoken to with mutual authentication. */
type Speak = (method: 'GET' | 'PUT', query: Readonly<Record<string, string>>) => Promise<Answer>
type Answer = { readonly body: unknown; readonly at: number }

const agent = new EarlyAgent()

async function negotiate(task: NegotiateTask, { signal }: Way): Promise<Negotiated> {
  return await negotiateBy(agent, task, signal).finally(() => agent.destroy())
}

async function negotiateBy(agent: Agent, task: NegotiateTask, signal: AbortSignal): Promise<Negotiated> {
  const failures: KerbsideError[] = []
  for (const origin of task.nameNodes) {
    try {
      return await negotiateWith(speaker(origin, task, agent), task, signal)
    } catch (error) {
      if (!(error instanceof KerbsideError) || !TRY_NEXT.has(error.code)) throw error
      failures.push(error)
    }
  }
  throw worst(failures)
}

async function negotiateWith(speak: Speak, task: NegotiateTask, calledOff: AbortSignal): Promise<Negotiated> {
  // The NameNode itself makes the short name from the principal (`AbstractDelegationTokenIdentifier.setRenewer`).
  const token = task.do === 'get' ? await getToken(speak, task.principal) : task.token
  const { maxAt, sequenceNumber } = readTokenIdentifier(Buffer.from(token, 'base64url'))
  const cancel = async () => {
    const { at } = await speak('PUT', { op: 'CANCELDELEGATIONTOKEN', token })
    return { token, answeredAt: at, expiresAt: 0, maxAt, sequenceNumber }
  }
  if (task.do === 'cancel') return await cancel()
  // A new token does not say how long it holds; renewing it does, and proves that we may.
  const { body, at } = await speak('PUT', { op: 'RENEWDELEGATIONTOKEN', token })
  // Nobody waits for a new token any more, so nobody else would cancel it.
  if (task.do === 'get' && calledOff.aborted) return await cancel()
  return { token, answeredAt: at, expiresAt: numberIn(body, 'long'), maxAt, sequenceNumber }
}

async function getToken(speak: Speak, renewer: string): Promise<string> {
  const { body } = await speak('GET', { op: 'GETDELEGATIONTOKEN', renewer })
  const token = (body as { Token?: { urlString?: unknown } } | null)?.Token?.urlString
  if (typeof token === 'string' && /^[A-Za-z0-9_-]+$/.test(token)) return token
  throw new KerbsideError('hdfs-broken-answer', 'GETDELEGATIONTOKEN was answered without a token')
}

function numberIn(answer: unknown, name: string): number {
  const value = (answer as Record<string, unknown> | null)?.[name]
  if (typeof value === 'number') return value
  throw new KerbsideError('hdfs-broken-answer', `the NameNode answered without \`${name}\``)
}

function speaker(origin: string, { caPem, principal }: NegotiateTask, agent: Agent): Speak {
  return async (method, query) => {
    const url = new URL('/webhdfs/v1/', origin)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const answer = await spnegoRequest({ url, method, ca: caPem, principal, agent })
    const body = jsonOf(answer)
    const at = Date.parse(answer.headers['date']?.toString() ?? '')
    if (answer.status === 200) return { body, at: Number.isNaN(at) ? Date.now() : at }
    throw remoteError(url.host, answer.status, body)
  }
}

function jsonOf(answer: HttpsAnswer): unknown {
  if (answer.body.length === 0) return null
  try {
    return JSON.parse(answer.body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The other NameNode may do better with these. */
const TRY_NEXT = new Set(['hdfs-no-active', 'hdfs-unreachable', 'hdfs-untrusted', 'kerberos-failed', 'kdc-unreachable'])

/** Not by status: a standby answers 403, as a refusal does. Only the class is told; a message may name anything. */
function remoteError(host: string, status: number, body: unknown): KerbsideError {
  const exception = (body as { RemoteException?: { exception?: unknown } } | null)?.RemoteException?.exception
  const name = typeof exception === 'string' ? exception.replace(/[^\w.$]/g, '').slice(0, 80) : ''
  if (name === 'StandbyException' || name === 'RetriableException' || name === 'SafeModeException') {
    return new KerbsideError('hdfs-no-active', `\`${host}\` is not active (${name})`)
  }
  if (name === '') return new KerbsideError('hdfs-broken-answer', `\`${host}\` answered HTTP ${status}, not WebHDFS`)
  return new KerbsideError('hdfs-refused-us', `\`${host}\` refuses a delegation token (${name})`)
}

/** What stands out among all NameNodes: a host that is down is the least of it. */
function worst(failures: readonly KerbsideError[]): KerbsideError {
  const order = ['hdfs-untrusted', 'kerberos-failed', 'kdc-unreachable', 'hdfs-no-active', 'hdfs-unreachable'] as const
  const code = order.find((candidate) => failures.some((failure) => failure.code === candidate)) ?? 'hdfs-unreachable'
  const hint = failures.find((failure) => failure.code === code)?.hint
  const message = failures.map((failure) => failure.message).join('; ')
  return new KerbsideError(code, message, hint === undefined ? {} : { hint })
}

await answerOneShot(negotiate, (ahead: NameNodesAhead) => agent.open(ahead))
