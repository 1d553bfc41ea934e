/**
 * Brings records to the broker, at least once, in their order. What the broker has on disk is acknowledged; what is not stays on
 * ours, and when that is full no operation begins. A broker that is away, slow or another one costs nothing but room.
 */
import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeBatch } from '../../core/audit/delivery.ts'
import { headOf } from '../../core/audit/glimpse.ts'
import { type BackOff, backOffMs } from '../../core/back-off.ts'
import { KerbsideError, toKerbsideError } from '../../core/errors.ts'
import { httpsRequest, whyFailed } from '../https-request.ts'
import { serviceAccountToken } from '../service-account-token.ts'
import { type DeliveryStatus, reasonIn, tellBehind } from './delivery-status.ts'
import type { OpenAuditLog } from './log.ts'
import { SpoolReader } from './spool-reader.ts'

export type ShipperOptions = {
  readonly url: string
  /** CAs of the broker, PEM. */
  readonly ca: string
  /** Projected service-account token, read anew for every batch. */
  readonly tokenFile: string
  readonly audit: Pick<OpenAuditLog, 'next' | 'room' | 'forget'>
  readonly directory: string
  /** Uid of our pod, by which the chain is named. */
  readonly sidecar: string
  readonly log: { warn(message: string): void; info(message: string): void }
  /** Milliseconds since the epoch, as the records have it. */
  readonly now: () => number
  readonly chance: () => number
  readonly limits?: Partial<Limits>
}

type Limits = {
  /** Between two batches, so that many records share one. */
  readonly gatherMs: number
  readonly withinMs: number
  readonly retry: BackOff
}

const LIMITS: Limits = { gatherMs: 1000, withinMs: 20_000, retry: { firstMs: 1000, longestMs: 60_000 } }
/** Delivered segments stay until the log has taken this share of its room: whoever looks into the pod finds them. */
const KEPT_SHARE = 1 / 2

export class Shipper {
  readonly #options: ShipperOptions
  readonly #limits: Limits
  readonly #reader: SpoolReader
  readonly #stop = new AbortController()
  // One connection that is kept: the next batch goes to the same broker, as long as that lives.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #loop: Promise<void>
  /** All before it are on the disk of some broker. */
  #acknowledged = 0
  /** The next to be sent. */
  #next = 0
  /** When the first record was written that is not acknowledged, as far as it was looked at. */
  #oldestAt: number | undefined
  readonly #refused = new Map<string, number>()
  readonly #tellBehind: (status: DeliveryStatus) => void
  #problem: string | undefined

  constructor(options: ShipperOptions) {
    this.#options = options
    this.#limits = { ...LIMITS, ...options.limits }
    this.#reader = new SpoolReader(options.directory, options.sidecar)
    this.#tellBehind = tellBehind((message) => options.log.warn(message))
    this.#loop = this.#run()
  }

  status(): DeliveryStatus {
    const { audit, now } = this.#options
    const written = audit.next()
    const isBehind = this.#oldestAt !== undefined && this.#acknowledged < written
    return {
      acknowledged: this.#acknowledged,
      written,
      oldestAgeMs: isBehind ? Math.max(0, now() - (this.#oldestAt ?? 0)) : 0,
      ...audit.room(),
      refused: this.#refused,
      problem: this.#problem,
    }
  }

  /** Sends what is left, once; what a broker does not take then stays in the volume and ends with the pod. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
    try {
      while (this.#acknowledged < this.#options.audit.next()) await this.#deliver()
    } catch (thrown) {
      const left = this.#options.audit.next() - this.#acknowledged
      this.#options.log.warn(`${left} audit records are not delivered: ${toKerbsideError(thrown).message}`)
    } finally {
      this.#agent.destroy()
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let [failures, isBegun] = [0, false]
    while (!signal.aborted) {
      try {
        if (!isBegun) await this.#begin()
        isBegun = true
        // What was there when we came is sent without a pause: after an hour alone that is a lot.
        const goal = this.#options.audit.next()
        while (this.#acknowledged < goal && !signal.aborted) {
          await this.#deliver()
          failures = 0
          this.#told(undefined)
        }
        await pause(this.#limits.gatherMs, signal)
      } catch (thrown) {
        failures += 1
        this.#told(toKerbsideError(thrown).message)
        this.#tellBehind(this.status())
        await pause(backOffMs(this.#limits.retry, failures, this.#options.chance()), signal)
      }
    }
  }

  /** What is no longer here was acknowledged before it was removed. */
  async #begin(): Promise<void> {
    const [oldest] = await this.#reader.segments()
    this.#acknowledged = oldest?.first ?? 0
    this.#next = this.#acknowledged
  }

  async #deliver(): Promise<void> {
    const { audit } = this.#options
    const lines = await this.#reader.read(this.#next, audit.next())
    if (this.#next === this.#acknowledged) this.#oldestAt = timeOf(lines[0])
    const next = await this.#post(writeBatch({ acknowledged: this.#acknowledged, lines }))
    if (next.at > audit.next())
      throw new KerbsideError('io-failed', `a broker has numbers up to ${next.at - 1} of ours, and our log ends before`)
    if (next.isAcknowledged) this.#acknowledged = Math.max(this.#acknowledged, next.at)
    this.#next = Math.max(next.at, this.#acknowledged)
    if (next.isAcknowledged) this.#oldestAt = undefined
    await this.#makeRoom()
  }

  async #post(body: string): Promise<{ readonly at: number; readonly isAcknowledged: boolean }> {
    const { url, ca, tokenFile } = this.#options
    const answer = await httpsRequest({
      url: new URL(`${url.replace(/\/+$/, '')}/v1/audit`),
      method: 'POST',
      ca,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${await serviceAccountToken(tokenFile, 'broker-unreachable')}`,
        'content-type': 'application/x-ndjson',
      },
      body,
      signal: AbortSignal.timeout(this.#limits.withinMs),
    }).catch((cause) => {
      this.#count('unreachable')
      throw new KerbsideError('broker-unreachable', `the broker takes no records: ${whyFailed(cause)}`, { cause })
    })
    const { status } = answer
    const told = jsonIn(answer.body)
    const at = status === 200 || status === 409 ? nextIn(told) : undefined
    if (at !== undefined) return { at, isAcknowledged: status === 200 }
    const reason = reasonIn(status, told)
    this.#count(reason)
    throw new KerbsideError('broker-unreachable', `the broker takes no records: HTTP ${status}, ${reason}`)
  }

  #count(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1)
  }

  async #makeRoom(): Promise<void> {
    const { audit } = this.#options
    const isFull = () => audit.room().bytes > audit.room().maxBytes * KEPT_SHARE
    if (!isFull()) return
    const segments = await this.#reader.segments()
    for (const [index, { number }] of segments.entries()) {
      const end = segments[index + 1]?.first
      if (!isFull() || end === undefined || end > this.#acknowledged || !(await audit.forget(number))) return
      this.#reader.forget(number)
    }
  }

  /** The same problem is said once. */
  #told(problem: string | undefined): void {
    if (problem === this.#problem) return
    this.#problem = problem
    if (problem === undefined) this.#options.log.info('audit records are delivered again')
    else this.#options.log.warn(problem)
  }
}

/** Can be called off, and keeps no process alive. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

function nextIn(told: unknown): number | undefined {
  const { next } = Object(told) as { readonly next?: unknown }
  return typeof next === 'number' && Number.isSafeInteger(next) && next >= 0 ? next : undefined
}

const timeOf = (line: string | undefined): number | undefined => {
  const time = line === undefined ? undefined : headOf(line)?.time
  return time === undefined ? undefined : Date.parse(time)
}
