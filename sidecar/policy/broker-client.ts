/**
 * The newest slice, from the broker, for as long as the broker stands behind it. Silence is borne for a quarter of an hour,
 * then nothing is allowed any more; a refusal counts at once.
 */
import { readFile } from 'node:fs/promises'
import { type BackOff, backOffMs } from '../../src/core/back-off.ts'
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import { closedSlice, type KeptSlice, keepSlice } from '../../src/core/policy/kept-slice.ts'
import { readRevocation } from '../../src/core/policy/revocation.ts'
import { IN_SHADOW, type Slice } from '../../src/core/policy/slice.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { BROKER_REASONS, type BrokerReason } from '../../src/core/reasons.ts'
import type { Log } from '../log.ts'
import { pause } from '../pause.ts'
import type { CurrentSlice } from '../ports.ts'
import { type SliceStream, streamLines } from './slice-stream.ts'

export type BrokerClientOptions = {
  readonly url: string
  /** CAs of the broker, PEM. */
  readonly ca: string
  /** Projected service-account token, read anew for every connection. */
  readonly tokenFile: string
  readonly identity: string
  readonly log: Log
  readonly clock: () => number
  readonly chance: () => number
  readonly limits?: Partial<BrokerLimits>
}

export type BrokerLimits = {
  /** How long the last slice counts when nothing is heard. */
  readonly staleMs: number
  /** A connection that says nothing for so long is dead: the broker sends an empty line every 15 s. */
  readonly silenceMs: number
  readonly retry: BackOff
}

const LIMITS: BrokerLimits = { staleMs: 15 * 60_000, silenceMs: 45_000, retry: { firstMs: 1000, longestMs: 30_000 } }

/** `ready`; `stale`: the broker is away, the last slice still counts; `closed`: nothing is allowed; `pending`: none yet. */
export type PolicyState = 'pending' | 'ready' | 'stale' | 'closed'

export type PolicyStatus = {
  readonly state: PolicyState
  /** Whether nothing is refused by policy, only recorded. */
  readonly isShadow: boolean
  readonly silentMs: number
  readonly lastError: KerbsideError | undefined
}

export class BrokerClient implements CurrentSlice {
  readonly #options: BrokerClientOptions
  readonly #limits: BrokerLimits
  readonly #stop = new AbortController()
  readonly #listeners = new Set<(slice: KeptSlice) => void>()
  readonly #loop: Promise<void>
  #slice: KeptSlice | undefined
  #heardAt = Number.NEGATIVE_INFINITY
  #refusal: KerbsideError | undefined
  #lastError: KerbsideError | undefined
  /** Whether the listeners were told that nothing is allowed any more. */
  #isToldClosed = false

  constructor(options: BrokerClientOptions) {
    this.#options = options
    this.#limits = { ...LIMITS, ...options.limits }
    this.#loop = this.#follow(this.#stop.signal)
  }

  get(): KeptSlice {
    if (this.#refusal !== undefined) throw this.#refusal
    if (this.#slice === undefined) {
      throw new KerbsideError('not-ready', this.#lastError?.message ?? 'the broker has not sent a policy slice yet')
    }
    if (this.#isTooOld()) throw new KerbsideError('not-ready', 'the broker has not been heard for too long')
    return this.#slice
  }

  onChange(listener: (slice: KeptSlice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
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
    return { state, isShadow, silentMs, lastError: this.#refusal ?? this.#lastError }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  #state(): PolicyState {
    if (this.#refusal !== undefined) return 'closed'
    if (this.#slice === undefined) return 'pending'
    if (this.#isTooOld()) return 'closed'
    return this.#lastError === undefined ? 'ready' : 'stale'
  }

  #isTooOld(): boolean {
    return this.#options.clock() - this.#heardAt >= this.#limits.staleMs
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
    try {
      const stream: SliceStream = {
        url: `${url.replace(/\/+$/, '')}/v1/slices?identity=${encodeURIComponent(identity)}`,
        ca,
        token: await serviceAccountToken(tokenFile),
        silenceMs: this.#limits.silenceMs,
        signal,
      }
      for await (const line of streamLines(stream)) {
        // An empty line says that all is as it was; before a slice has come it says nothing.
        if (line !== '') {
          const revoked = readRevocation(line)
          if (revoked !== undefined) throw refused(revoked)
          this.#accept(readSlice(line))
          onSlice()
        }
        if (this.#slice !== undefined && this.#refusal === undefined) this.#heardAt = clock()
      }
      return new KerbsideError('broker-unreachable', 'the broker ended the connection')
    } catch (thrown) {
      return toKerbsideError(thrown)
    }
  }

  #accept(slice: Slice): void {
    const { identity, log } = this.#options
    if (slice.identity !== identity) {
      throw new KerbsideError('bad-slice', `the broker sent the slice of \`${slice.identity}\`, not of \`${identity}\``)
    }
    const kept = keepSlice(slice)
    this.#slice = kept
    this.#refusal = undefined
    this.#lastError = undefined
    this.#isToldClosed = false
    this.#heardAt = this.#options.clock()
    log.info('policy slice received', { bundle: slice.bundle })
    if (slice.mode === 'shadow') log.warn(IN_SHADOW, { bundle: slice.bundle })
    this.#tell(kept)
  }

  #noteFailure(error: KerbsideError): void {
    const { log } = this.#options
    this.#lastError = error
    if (error.code === 'broker-refused') this.#refusal = error
    log.warn(error.message, { code: error.code, ...(error.hint === undefined ? {} : { hint: error.hint }) })
    if (this.#slice === undefined || this.#isToldClosed || this.#state() !== 'closed') return
    this.#isToldClosed = true
    log.error('nothing is allowed any more, until the broker sends a policy slice again', { code: error.code })
    // Without a grant every transfer under way is decided again, and cut.
    this.#tell(closedSlice(this.#slice))
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

async function serviceAccountToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new KerbsideError('broker-unreachable', `the service-account token \`${file}\` cannot be read`, { cause })
  }
}
