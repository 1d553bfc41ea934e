/** A job at work: small reads and listings through a gateway without an end, each counted by what came back, and one path that must stay shut. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Allowed, and small; the job asks for one after the other. */
const ALLOWED = [
  '/data/market?op=LISTSTATUS',
  '/data/market/stocks.csv?op=GETFILESTATUS',
  '/data/market/stocks.csv?op=OPEN&length=1000',
  '/team/quant?op=GETACLSTATUS',
] as const
/** Of another team: whatever breaks, nobody gets it. */
const SHUT = '/data/weather/weather.csv?op=OPEN'

/** Longer than the gateway itself waits for anything here. */
const GIVE_UP_MS = 90_000

export class Load {
  readonly #gateway: string
  readonly #pauseMs: number
  readonly #stop = new AbortController()
  readonly #troubles: string[] = []
  readonly #leaks: string[] = []
  #asked = 0
  #inARow = 0
  #failed = 0
  readonly #running: Promise<void>

  constructor(gateway: string, pauseMs = 100) {
    this.#gateway = gateway
    this.#pauseMs = pauseMs
    this.#running = this.#run()
  }

  /** Requests for what is allowed. */
  get asked(): number {
    return this.#asked
  }

  /** How many of them were not answered as asked. */
  get failed(): number {
    return this.#failed
  }

  /** How many went well since the last that did not. */
  get inARow(): number {
    return this.#inARow
  }

  /** What the job has seen other than what it asked for, in words, each once; since the last time this was asked. */
  takeTroubles(): readonly string[] {
    return [...new Set(this.#troubles.splice(0))].sort()
  }

  /** Answers that the path of another team was given other than a refusal by policy. */
  get leaks(): readonly string[] {
    return this.#leaks
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      const trouble = await this.ask(ALLOWED[turn % ALLOWED.length] ?? SHUT)
      if (this.#stop.signal.aborted) return
      this.#asked++
      this.#inARow = trouble === undefined ? this.#inARow + 1 : 0
      if (trouble !== undefined) {
        this.#failed++
        this.#troubles.push(trouble)
      }
      const refused = await this.ask(SHUT)
      const isRefused = refused?.startsWith('403 AccessControlException') === true
      if (!isRefused && !this.#stop.signal.aborted) this.#leaks.push(refused ?? 'it was read')
      await sleep(this.#pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  /** One request; undefined when it is answered as asked, otherwise status, exception and sentence. */
  async ask(question: string): Promise<string | undefined> {
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(GIVE_UP_MS)])
      const answer = await fetch(`${this.#gateway}${question}`, { signal })
      const body = await answer.text()
      return answer.status === 200 ? undefined : `${answer.status} ${remoteException(body)}`
    } catch (thrown) {
      const { cause, name } = thrown as { cause?: { code?: string }; name: string }
      return `no answer: ${cause?.code ?? name}`
    }
  }
}

function remoteException(body: string): string {
  try {
    const { exception, message } = JSON.parse(body).RemoteException
    return `${exception}: ${message}`
  } catch {
    return 'without a RemoteException'
  }
}
