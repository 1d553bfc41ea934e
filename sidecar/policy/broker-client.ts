/**
 * The newest slice, from the broker, for as long as the broker stands behind it. Silence is borne for as long as the slice
 * itself says, then nothing is allowed any more; a refusal counts at once.
 */
import type { Owner } from '../../src/core/audit/record.ts'
import { type BackOff, backOffMs } from '../../src/core/back-off.ts'
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import { closedSlice, type KeptSlice, keepSlice } from '../../src/core/policy/kept-slice.ts'
import { readRenewal } from '../../src/core/policy/renewal.ts'
import { readRevocation } from '../../src/core/policy/revocation.ts'
import { IN_SHADOW, MAX_STALE_SECONDS } from '../../src/core/policy/slice.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { BROKER_REASONS, type BrokerReason } from '../../src/core/reasons.ts'
import { type SliceStream, streamLines } from '../../src/io/broker/slice-stream.ts'
import { serviceAccountToken } from '../../src/io/service-account-token.ts'
import type { Log } from '../log.ts'
import { pause } from '../pause.ts'
import type { CurrentSlice } from '../ports.ts'
import { Outage } from './outage.ts'

export type BrokerClientOptions = {
  readonly url: string
  /** CAs of the broker, PEM. */
  readonly ca: string
  /** Projected service-account token, read anew for every connection. */
  readonly tokenFile: string
  readonly identity: string
  readonly log: Log
  /** Milliseconds of a clock that is never set: one that went back would prolong what a sidecar may go by. */
  readonly clock: () => number
  readonly chance: () => number
  readonly limits?: Partial<BrokerLimits>
}

export type BrokerLimits = {
  /** A connection that says nothing for so long is dead: the broker sends an empty line every 15 s. */
  readonly silenceMs: number
  readonly retry: BackOff
  /** How often a sidecar without a broker looks whether its slice still counts. */
  readonly lookMs: number
}

const LIMITS: BrokerLimits = { silenceMs: 45_000, retry: { firstMs: 1000, longestMs: 30_000 }, lookMs: 1000 }

/** `ready`; `stale`: the broker is away, the last slice still counts; `closed`: nothing is allowed; `pending`: none yet. */
export type PolicyState = 'pending' | 'ready' | 'stale' | 'closed'

export type PolicyStatus = {
  readonly state: PolicyState
  /** Whether nothing is refused by policy, only recorded. */
  readonly isShadow: boolean
  readonly silentMs: number
  /** How long the slice counts in silence. */
  readonly maxStaleMs: number
  readonly lastError: KerbsideError | undefined
}

/** What stands in the audit log: of which bundle, and what became of it. */
export type PolicyNews = { readonly bundle: string; readonly detail: string }

export class BrokerClient implements CurrentSlice {
  readonly #options: BrokerClientOptions
  readonly #limits: BrokerLimits
  readonly #stop = new AbortController()
  readonly #listeners = new Set<(slice: KeptSlice) => void>()
  readonly #newsListeners = new Set<(news: PolicyNews) => void>()
  readonly #outage: Outage
  readonly #loop: Promise<void>
  #slice: KeptSlice | undefined
  #heardAt = Number.NEGATIVE_INFINITY
  #refusal: KerbsideError | undefined
  #owner: Owner | undefined

  constructor(options: BrokerClientOptions) {
    this.#options = options
    this.#limits = { ...LIMITS, ...options.limits }
    const { log, clock } = options
    this.#outage = new Outage({
      log,
      clock,
      lookMs: this.#limits.lookMs,
      leftMs: () => this.#leftMs(),
      tell: (detail) => this.#note(detail),
      // Without a grant every transfer under way is decided again, and cut.
      onOver: () => this.#slice !== undefined && this.#tell(closedSlice(this.#slice)),
    })
    this.#loop = this.#follow(this.#stop.signal)
  }

  get(): KeptSlice {
    if (this.#refusal !== undefined) throw this.#refusal
    if (this.#slice === undefined) {
      throw new KerbsideError('not-ready', this.#outage.why?.message ?? 'the broker has not sent a policy slice yet')
    }
    if (this.#isTooOld()) {
      const seconds = this.#maxStaleMs() / 1000
      throw new KerbsideError(
        'not-ready',
        `the broker has not been heard for ${seconds} s, the most that policy allows`,
      )
    }
    return this.#slice
  }

  owner(): Owner | undefined {
    return this.#owner
  }

  onChange(listener: (slice: KeptSlice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called with what an audit log should hold of policy. */
  onNews(listener: (news: PolicyNews) => void): void {
    this.#newsListeners.add(listener)
  }

  /** Resolves with the first slice, however long that takes; rejects with the reason of the signal. */
  first(signal: AbortSignal): Promise<KeptSlice> {
    return new Promise((resolve, reject) => {
      if (this.#slice !== undefined) return resolve(this.#slice)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      const unsubscribe = this.onChange((slice) => {
        unsubscribe()
        resolve(slice)
      })
    })
  }

  status(): PolicyStatus {
    const silentMs = this.#options.clock() - this.#heardAt
    const state = this.#state()
    // A policy that no longer counts refuses everything, in shadow or not.
    const isShadow = this.#slice?.mode === 'shadow' && state !== 'closed'
    const maxStaleMs = this.#maxStaleMs()
    return { state, isShadow, silentMs, maxStaleMs, lastError: this.#refusal ?? this.#outage.why }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#outage.stop()
    await this.#loop
  }

  #state(): PolicyState {
    if (this.#refusal !== undefined) return 'closed'
    if (this.#slice === undefined) return 'pending'
    if (this.#isTooOld()) return 'closed'
    return this.#outage.why === undefined ? 'ready' : 'stale'
  }

  #isTooOld(): boolean {
    return this.#options.clock() - this.#heardAt >= this.#maxStaleMs()
  }

  #maxStaleMs(): number {
    return (this.#slice?.maxStaleSeconds ?? MAX_STALE_SECONDS) * 1000
  }

  /** How long the slice counts if nothing more is heard; undefined before the first. */
  #leftMs(): number | undefined {
    if (this.#slice === undefined) return undefined
    if (this.#refusal !== undefined) return 0
    return Math.max(0, this.#maxStaleMs() - (this.#options.clock() - this.#heardAt))
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const error = await this.#listen(signal, () => {
        failures = 0
      })
      if (signal.aborted) return
      failures++
      this.#noteFailure(error)
      await pause(backOffMs(this.#limits.retry, failures, this.#options.chance()), signal)
    }
  }

  /** One connection, to its end; gives back why it ended. */
  async #listen(signal: AbortSignal, onSlice: () => void): Promise<KerbsideError> {
    const { url, ca, tokenFile, identity, clock } = this.#options
    let isFirst = true
    try {
      const stream: SliceStream = {
        url: `${url.replace(/\/+$/, '')}/v1/slices?identity=${encodeURIComponent(identity)}`,
        ca,
        token: await serviceAccountToken(tokenFile, 'broker-unreachable'),
        silenceMs: this.#limits.silenceMs,
        signal,
        onOwner: (owner) => {
          this.#owner = owner
        },
      }
      for await (const line of streamLines(stream)) {
        // An empty line says that all is as it was; before a slice has come it says nothing.
        if (line !== '') {
          const revoked = readRevocation(line)
          if (revoked !== undefined) throw refused(revoked)
          this.#accept(this.#read(line, isFirst))
          isFirst = false
          onSlice()
        }
        if (this.#slice !== undefined && this.#refusal === undefined) this.#heardAt = clock()
      }
      return new KerbsideError('broker-unreachable', 'the broker ended the connection')
    } catch (thrown) {
      return toKerbsideError(thrown)
    }
  }

  /** A broker that says only that the slice stands must have sent it on the same connection. */
  #read(line: string, isFirst: boolean): KeptSlice {
    const { identity } = this.#options
    const bundle = readRenewal(line)
    if (bundle !== undefined && this.#slice !== undefined && !isFirst) return { ...this.#slice, bundle }
    const slice = readSlice(line)
    if (slice.identity === identity) return keepSlice(slice)
    throw new KerbsideError('bad-slice', `the broker sent the slice of \`${slice.identity}\`, not of \`${identity}\``)
  }

  #accept(slice: KeptSlice): void {
    const { log } = this.#options
    this.#slice = slice
    this.#refusal = undefined
    this.#heardAt = this.#options.clock()
    this.#outage.ended()
    log.info('policy slice received', { bundle: slice.bundle })
    if (slice.mode === 'shadow') log.warn(IN_SHADOW, { bundle: slice.bundle })
    this.#note(slice.mode === 'shadow' ? 'received, in shadow' : 'received')
    this.#tell(slice)
  }

  #noteFailure(error: KerbsideError): void {
    if (error.code === 'broker-refused') this.#refusal = error
    this.#outage.failed(error)
  }

  #note(detail: string): void {
    const bundle = this.#slice?.bundle
    if (bundle !== undefined) for (const listener of this.#newsListeners) listener({ bundle, detail })
  }

  #tell(slice: KeptSlice): void {
    for (const listener of this.#listeners) listener(slice)
  }
}

const refused = (reason: BrokerReason): KerbsideError =>
  new KerbsideError(
    'broker-refused',
    `policy no longer gives this pod its identity (${reason}: ${BROKER_REASONS[reason]})`,
  )
