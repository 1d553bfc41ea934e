/** Tells the broker of changed credentials, for Events on the pod. Nobody waits for it, and what cannot be told is not told. */
import { type ToldChange, writeToldChange } from '../../src/core/kerberos/told-change.ts'
import { httpsRequest } from '../../src/io/https-request.ts'
import { serviceAccountToken } from '../../src/io/service-account-token.ts'
import type { Log } from '../log.ts'
import { causeFields } from '../log.ts'
import { pause } from '../pause.ts'
import type { BrokerClientOptions } from './broker-client.ts'

export type TellBrokerOptions = Pick<BrokerClientOptions, 'url' | 'ca' | 'tokenFile' | 'identity'> & {
  readonly log: Pick<Log, 'debug'>
  /** Between two that are told: of what changes in between, the last one counts. */
  readonly pauseMs?: number
}

const PAUSE_MS = 5000
const WITHIN_MS = 5000

export class TellBroker {
  readonly #options: TellBrokerOptions
  readonly #stop = new AbortController()
  /** The newest of each kind that waits to be told. */
  readonly #waiting = new Map<string, ToldChange>()
  #isTelling = false

  constructor(options: TellBrokerOptions) {
    this.#options = options
  }

  tell(change: ToldChange): void {
    this.#waiting.set(change.kind, change)
    if (!this.#isTelling) void this.#tellAll()
  }

  async close(): Promise<void> {
    this.#stop.abort()
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true
    const { signal } = this.#stop
    while (this.#waiting.size > 0 && !signal.aborted) {
      const changes = [...this.#waiting.values()]
      this.#waiting.clear()
      for (const change of changes) await this.#post(change).catch((error) => this.#notTold(error))
      await pause(this.#options.pauseMs ?? PAUSE_MS, signal)
    }
    this.#isTelling = false
  }

  async #post(change: ToldChange): Promise<void> {
    const { url, ca, tokenFile, identity, log } = this.#options
    const { status } = await httpsRequest({
      url: new URL(`${url.replace(/\/+$/, '')}/v1/events?identity=${encodeURIComponent(identity)}`),
      method: 'POST',
      ca,
      headers: {
        authorization: `Bearer ${await serviceAccountToken(tokenFile)}`,
        'content-type': 'application/json',
      },
      body: writeToldChange(change),
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(WITHIN_MS)]),
    })
    if (status !== 204) log.debug('the broker posts no event', { status })
  }

  #notTold(error: unknown): void {
    this.#options.log.debug('the broker was not told of a change', causeFields(error))
  }
}
