/**
 * Each KDC by TCP and by the first message of a login, which carries no key. So a KDC that is dead, silent or strange is known
 * before the one try that a key gets, and no account is locked by looking.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Said, whereOneIsEnough } from '../../core/doctor/finding.ts'
import { asRequest, type KdcAnswer, readKdcAnswer } from '../../core/kerberos/as-exchange.ts'
import { kdcMeaning } from '../../core/kerberos/kdc-errors.ts'
import { realmOf } from '../../core/kerberos/realm-path.ts'
import { addressOf, kdcsOf } from './connection.ts'
import type { Checked, Known } from './run-checks.ts'

export type AnsweredKdc = {
  readonly kdc: string
  readonly realm: string
  readonly ms: number
  /** Milliseconds that its clock is ahead of ours, where it says its time. */
  readonly aheadMs?: number
}

/** AES, in the order of `permitted_enctypes`. */
const ENCTYPES = [18, 17, 20, 19]
const CONNECT_WITHIN_MS = 2000
const ANSWER_WITHIN_MS = 3500
const LONGEST_ANSWER_BYTES = 1 << 20

type Asked = Said & { readonly answered?: AnsweredKdc }

export const kdcsProbe =
  (clock: () => number) =>
  async ({ policy }: Known<'kdc'>, signal: AbortSignal): Promise<Checked<'kdc'>> => {
    const kdcs = kdcsOf(policy)
    const asked = await Promise.all(kdcs.map((one) => ask({ ...one, principal: policy.principal, clock, signal })))
    const realms = [...new Set(kdcs.map(({ realm }) => realm))]
    const byRealm = realms.map((realm) => asked.filter((_, index) => kdcs[index]?.realm === realm))
    const findings = byRealm.flatMap((all) => whereOneIsEnough(all)).map(({ answered: _, ...said }: Asked) => said)
    const answered = asked.flatMap((one) => one.answered ?? []).sort((one, other) => one.ms - other.ms)
    // A ticket needs one KDC of each realm on its way.
    const isWhole = realms.every((realm) => answered.some((one) => one.realm === realm))
    return { findings, ...(isWhole ? { value: answered } : {}) }
  }

type Ask = {
  readonly kdc: string
  readonly realm: string
  readonly principal: string
  readonly clock: () => number
  readonly signal: AbortSignal
}

async function ask({ kdc, realm, principal, clock, signal }: Ask): Promise<Asked> {
  const began = clock()
  const start = performance.now()
  let step: 'connect' | 'answer' = 'connect'
  try {
    const socket = await connected(kdc, signal)
    step = 'answer'
    const answer = await exchange(socket, requestFor(principal), signal)
    const ms = performance.now() - start
    const isOwn = realm === realmOf(principal)
    if (answer?.says !== 'ticket')
      return inWords({ kdc, realm, ms }, answer, { isOwn, aheadMs: ahead(answer, began, ms) })
    const aheadMs = await clockOf(kdc, principal, { clock, signal })
    return inWords({ kdc, realm, ms }, answer, { isOwn, aheadMs })
  } catch (error) {
    return silent(kdc, step, error as NodeJS.ErrnoException)
  }
}

/** A KDC that gives a ticket at once says no time with it. It does when it is asked for what nobody has. */
async function clockOf(kdc: string, principal: string, { clock, signal }: Pick<Ask, 'clock' | 'signal'>) {
  const began = clock()
  const start = performance.now()
  const socket = await connected(kdc, signal)
  const answer = await exchange(socket, requestFor(principal, ['kerbside', 'what-time-is-it']), signal)
  return ahead(answer, began, performance.now() - start)
}

const requestFor = (principal: string, service?: readonly string[]): Uint8Array =>
  asRequest({
    principal,
    enctypes: ENCTYPES,
    nonce: randomInt(1, 2 ** 31 - 1),
    ...(service === undefined ? {} : { service }),
  })

const ahead = (answer: KdcAnswer | undefined, began: number, ms: number): number | undefined =>
  answer?.says === 'error' ? answer.serverTimeMs - (began + ms / 2) : undefined

type Asking = { readonly isOwn: boolean; readonly aheadMs: number | undefined }

function inWords(
  at: Pick<AnsweredKdc, 'kdc' | 'realm' | 'ms'>,
  answer: KdcAnswer | undefined,
  { isOwn, aheadMs }: Asking,
): Asked {
  const { kdc: about, ms } = at
  if (answer === undefined) {
    const advice = 'something else than a KDC listens there: correct `kdcs` of the HadoopCluster'
    return {
      state: 'fail',
      about,
      ms,
      says: 'it answers something that is not Kerberos',
      advice,
      code: 'kdc-unreachable',
    }
  }
  const answered = { ...at, ...(aheadMs === undefined ? {} : { aheadMs }) }
  if (!isOwn) return { state: 'ok', about, ms, says: `answers, for realm ${at.realm}`, answered }
  if (answer.says === 'ticket') {
    return { state: 'ok', about, ms, says: 'knows the principal; asks for no pre-authentication', answered }
  }
  const { says, isGood, advice } = kdcMeaning(answer.errorCode)
  if (isGood) return { state: 'ok', about, ms, says: 'answers by TCP, and knows the principal', answered }
  return { state: 'fail', about, ms, says, code: 'kerberos-refused', ...(advice === undefined ? {} : { advice }) }
}

function silent(about: string, step: 'connect' | 'answer', { code, name }: NodeJS.ErrnoException): Asked {
  const isLate = name === 'AbortError' || name === 'TimeoutError'
  const why = isLate ? 'it does not answer in time' : (code ?? 'the connection broke')
  const says = step === 'connect' ? `no connection: ${why}` : `takes the connection, then nothing comes: ${why}`
  const advice =
    step === 'connect'
      ? 'is it up, is `kdcs` of the HadoopCluster right, and does a NetworkPolicy let this pod reach it by TCP?'
      : 'it hangs, or something before it swallows what is sent: look at it on its own host'
  return { state: 'fail', about, says, advice, code: 'kdc-unreachable' }
}

async function connected(kdc: string, signal: AbortSignal): Promise<Socket> {
  const socket = connect(addressOf(kdc))
  socket.on('error', () => undefined)
  const bound = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_WITHIN_MS)])
  try {
    await once(socket, 'connect', { signal: bound })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** One message each way, with its length before it (RFC 4120, 7.2.2); undefined for what is no answer of a KDC. */
async function exchange(socket: Socket, message: Uint8Array, signal: AbortSignal): Promise<KdcAnswer | undefined> {
  const bound = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
  const destroy = () => socket.destroy(bound.reason)
  bound.addEventListener('abort', destroy, { once: true })
  try {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(message.length)
    socket.write(Buffer.concat([length, message]))
    let received = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      const wanted = received.length < 4 ? LONGEST_ANSWER_BYTES : received.readUInt32BE(0)
      if (wanted > LONGEST_ANSWER_BYTES) return undefined
      if (received.length >= 4 + wanted) return readKdcAnswer(received.subarray(4, 4 + wanted))
    }
    return undefined
  } finally {
    bound.removeEventListener('abort', destroy)
    socket.destroy()
  }
}
