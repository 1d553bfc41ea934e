/**
 * Keeps an HDFS delegation token: one for all operations, renewed in time, replaced before its end, cancelled on exit. The
 * token is only ever in memory, and goes to `current` and `replace` and nowhere else.
 */
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import { nextTokenStep } from '../../src/core/hadoop/delegation-token.ts'
import { type Failures, failed, retryWaitMs } from '../../src/core/kerberos/refresh.ts'
import { CALLED_OFF_MS } from '../../src/io/one-shot.ts'
import type { Wait } from '../pause.ts'
import type { DelegationTokens } from '../ports.ts'
import type { KeptStatus } from './changes.ts'
import type { Negotiated } from './negotiate.ts'

export type TokenKeeperOptions = {
  /** One exchange with the NameNodes. */
  readonly exchange: (what: Exchange, signal: AbortSignal) => Promise<Timed>
  readonly onToken: (what: 'get' | 'renew', negotiated: Omit<Timed, 'token'>) => void
  readonly onFailure: (what: Exchange['do'], error: KerbsideError) => void
  /** Called after anything that may have changed the status. */
  readonly onStatus: () => void
  /** Milliseconds of a clock that nobody sets. */
  readonly clock: () => number
  readonly chance: () => number
  readonly wait: Wait
}

export type Exchange = { readonly do: 'get' } | { readonly do: 'renew' | 'cancel'; readonly token: string }

/** What was negotiated, with its times by our own clock. */
export type Timed = Omit<Negotiated, 'answeredAt'>

type Kept = Timed & { readonly issuedAt: number; readonly renewedAt: number }

/** A NameNode that refuses one new token after another gets no more than one request in this time. */
const BETWEEN_REPLACEMENTS_MS = 5000
const CANCEL_WITHIN_MS = 4000
/** How long it may take to end: what is under way is called off, then the cancellation, which may have to be called off too. */
export const TOKENS_END_MS = CALLED_OFF_MS + CANCEL_WITHIN_MS + CALLED_OFF_MS

export class TokenKeeper implements DelegationTokens {
  readonly #options: TokenKeeperOptions
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #kept: Kept | undefined
  /** Replaced before their end, and still in use by transfers that began with them. */
  #former: Kept[] = []
  #failures: Failures | undefined
  #lastError: KerbsideError | undefined
  #replacement: Promise<string> | undefined
  #nap = new AbortController()
  #replacedAt = Number.NEGATIVE_INFINITY

  constructor(options: TokenKeeperOptions) {
    this.#options = options
    this.#loop = this.#keep(this.#stop.signal)
  }

  async current(): Promise<string> {
    if (this.#replacement !== undefined) return this.#replacement
    const kept = this.#valid()
    if (kept !== undefined) return kept.token
    const why = this.#lastError
    throw new KerbsideError(why?.code ?? 'not-ready', why?.message ?? 'there is no delegation token yet')
  }

  replace(refused: string): Promise<string> {
    if (this.#kept?.token !== refused) return this.current()
    this.#replacement ??= this.#replaceRefused().finally(() => {
      this.#replacement = undefined
    })
    return this.#replacement
  }

  /** Tries again now what has failed, because there is a new ticket. */
  retry(): void {
    if (this.#failures === undefined) return
    this.#failures = undefined
    this.#replacedAt = Number.NEGATIVE_INFINITY
    this.#nap.abort()
  }

  status(): KeptStatus {
    const isStale = this.#failures !== undefined
    const state =
      this.#valid() !== undefined ? (isStale ? 'stale' : 'ready') : this.#kept === undefined ? 'pending' : 'expired'
    const { issuedAt, expiresAt } = this.#kept ?? { issuedAt: undefined, expiresAt: undefined }
    return { state, issuedAt, expiresAt, lastError: this.#lastError }
  }

  /** Cancels what is still valid. Never throws: what cannot be cancelled ends by itself. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
    const signal = AbortSignal.timeout(CANCEL_WITHIN_MS)
    const held = [this.#kept, ...this.#former].filter((kept) => kept !== undefined)
    this.#kept = undefined
    this.#former = []
    const { clock, exchange, onFailure } = this.#options
    for (const { token, expiresAt } of held) {
      if (clock() >= expiresAt) continue
      await exchange({ do: 'cancel', token }, signal).catch((error) => onFailure('cancel', toKerbsideError(error)))
    }
  }

  #valid(): Kept | undefined {
    return this.#kept !== undefined && this.#options.clock() < this.#kept.expiresAt ? this.#kept : undefined
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock, chance } = this.#options
    let jitter = chance()
    while (!signal.aborted) {
      const now = clock()
      const retryAt = this.#failures === undefined ? now : this.#failures.lastAt + retryWaitMs(this.#failures, jitter)
      const step = this.#kept === undefined ? ({ do: 'replace' } as const) : nextTokenStep(this.#kept, now, jitter)
      if (step.do === 'wait') await this.#wait(step.ms, signal)
      else if (now < retryAt) await this.#wait(retryAt - now, signal)
      else {
        await (step.do === 'renew' ? this.#renew(signal) : this.#get(signal, false)).catch(() => undefined)
        jitter = chance()
      }
    }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    this.#nap = new AbortController()
    await this.#options.wait(ms, AbortSignal.any([signal, this.#nap.signal]))
  }

  /** @param refused whether HDFS does not accept the one we have, so that nothing can still be using it */
  async #get(signal: AbortSignal, refused: boolean): Promise<string> {
    const issuedAt = this.#options.clock()
    const negotiated = await this.#exchange({ do: 'get' }, signal)
    const former = refused ? this.#former : [...this.#former, this.#kept]
    this.#former = former.filter((kept) => kept !== undefined && kept.expiresAt > issuedAt) as Kept[]
    this.#kept = { ...negotiated, issuedAt, renewedAt: issuedAt }
    this.#options.onToken('get', withoutToken(negotiated))
    this.#options.onStatus()
    return negotiated.token
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const kept = this.#kept
    if (kept === undefined) return
    const renewedAt = this.#options.clock()
    const negotiated = await this.#exchange({ do: 'renew', token: kept.token }, signal)
    // It may have been replaced meanwhile, because HDFS refused it.
    if (this.#kept !== kept) return
    this.#kept = { ...kept, expiresAt: negotiated.expiresAt, renewedAt }
    this.#options.onToken('renew', withoutToken(negotiated))
    this.#options.onStatus()
  }

  async #replaceRefused(): Promise<string> {
    const now = this.#options.clock()
    if (now < this.#replacedAt + BETWEEN_REPLACEMENTS_MS) {
      const tooSoon = 'HDFS refuses a delegation token that it gave a moment ago'
      throw this.#lastError ?? new KerbsideError('hdfs-refused-us', tooSoon)
    }
    this.#replacedAt = now
    return await this.#get(this.#stop.signal, true)
  }

  async #exchange(what: Exchange, signal: AbortSignal): Promise<Timed> {
    try {
      const negotiated = await this.#options.exchange(what, signal)
      this.#failures = undefined
      this.#lastError = undefined
      return negotiated
    } catch (thrown) {
      const error = toKerbsideError(thrown)
      if (!signal.aborted) {
        this.#failures = failed(
          this.#failures === undefined ? {} : { failures: this.#failures },
          error.code,
          this.#options.clock(),
        ).failures
        this.#lastError = error
        this.#options.onFailure(what.do, error)
        this.#options.onStatus()
      }
      throw error
    }
  }
}

function withoutToken({ expiresAt, maxAt, sequenceNumber }: Timed): Omit<Timed, 'token'> {
  return { expiresAt, maxAt, sequenceNumber }
}
