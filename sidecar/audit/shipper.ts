/**
 * Brings records to the broker, at least once, in their order. What the broker has on disk is acknowledged; what is not stays on
 * ours, and when that is full no operation begins. A broker that is away, slow or another one costs nothing but room.
 */
import { Agent } from 'node:https'
import { writeBatch } from '../../src/core/audit/delivery.ts'
import { type BackOff, backOffMs } from '../../src/core/back-off.ts'
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import type { OpenAuditLog } from '../../src/io/audit/log.ts'
import { httpsRequest, whyFailed } from '../../src/io/https-request.ts'
import { serviceAccountToken } from '../../src/io/service-account-token.ts'
import type { Log } from '../log.ts'
import { pause } from '../pause.ts'
import { SpoolReader } from './spool-reader.ts'

export type ShipperOptions = {
  readonly url: string
  /** CAs of the broker, PEM. */
  readonly ca: string
  /** Projected service-account token, read anew for every batch. */
  readonly tokenFile: string
  readonly audit: Pick<OpenAuditLog, 'next' | 'room' | 'forget'>
  readonly directory: string
  /** Uid of our pod. */
  readonly sidecar: string
  readonly log: Pick<Log, 'warn' | 'info'>
  readonly chance: () => number
  readonly limits?: Partial<Limits>
}

/** Numbers before `acknowledged` are delivered; those before `written` are on our disk. */
export type DeliveryStatus = {
  readonly acknowledged: number
  readonly written: number
  /** Why nothing is delivered at the moment. */
  readonly problem: string | undefined
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
  #problem: string | undefined

  constructor(options: ShipperOptions) {
    this.#options = options
    this.#limits = { ...LIMITS, ...options.limits }
    this.#reader = new SpoolReader(options.directory, options.sidecar)
    this.#loop = this.#run()
  }

  status(): DeliveryStatus {
    return { acknowledged: this.#acknowledged, written: this.#options.audit.next(), problem: this.#problem }
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
        if (this.#acknowledged < this.#options.audit.next()) await this.#deliver()
        failures = 0
        this.#told(undefined)
        await pause(this.#limits.gatherMs, signal)
      } catch (thrown) {
        failures += 1
        this.#told(toKerbsideError(thrown).message)
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
    const next = await this.#post(writeBatch({ acknowledged: this.#acknowledged, lines }))
    if (next.at > audit.next())
      throw new KerbsideError('io-failed', `a broker has numbers up to ${next.at - 1} of ours, and our log ends before`)
    if (next.isAcknowledged) this.#acknowledged = Math.max(this.#acknowledged, next.at)
    this.#next = Math.max(next.at, this.#acknowledged)
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
      throw new KerbsideError('broker-unreachable', `the broker takes no records: ${whyFailed(cause)}`, { cause })
    })
    const at = answer.status === 200 || answer.status === 409 ? nextIn(answer.body) : undefined
    if (at !== undefined) return { at, isAcknowledged: answer.status === 200 }
    throw new KerbsideError('broker-unreachable', `the broker takes no records: HTTP ${answer.status}`)
  }

  async #makeRoom(): Promise<void> {
    const { audit } = this.#options
    const isFull = () => audit.room().bytes > audit.room().maxBytes * KEPT_SHARE
    if (!isFull()) return
    const segments = await this.#reader.segments()
    for (const [index, { number }] of segments.entries()) {
      const end = segments[index + 1]?.first
      if (!isFull() || end === undefined || end > this.#acknowledged || !(await audit.forget(number))) return
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

function nextIn(body: Buffer): number | undefined {
  try {
    const { next } = Object(JSON.parse(body.toString()))
    return Number.isSafeInteger(next) && next >= 0 ? next : undefined
  } catch {
    return undefined
  }
}
