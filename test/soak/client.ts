/** A client of the soak: one piece of work after the other, each made of requests that are counted. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Longer than anything here takes, the slow read too. */
const GIVE_UP_MS = 300_000

/** What the soak counts of any client. */
export type Counted = {
  readonly asked: number
  readonly failed: number
  /** In words, each once; since the last time this was asked. */
  takeTroubles(): readonly string[]
  /** Of a client that asks for what it may not have: what it was told other than that. */
  readonly leaks?: readonly string[]
  stop(): Promise<void>
}

export abstract class Client implements Counted {
  readonly #gateway: string
  readonly #pauseMs: number
  readonly #stop = new AbortController()
  readonly #troubles: string[] = []
  readonly #running: Promise<void>
  #asked = 0
  #failed = 0

  constructor(gateway: string, pauseMs: number) {
    this.#gateway = gateway
    this.#pauseMs = pauseMs
    this.#running = sleep(pauseMs).then(() => this.#run())
  }

  get asked(): number {
    return this.#asked
  }

  get failed(): number {
    return this.#failed
  }

  takeTroubles(): readonly string[] {
    return [...new Set(this.#troubles.splice(0))].sort()
  }

  /** Resolves when the piece of work that is under way is done. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  protected get isStopping(): boolean {
    return this.#stop.signal.aborted
  }

  /** One piece of work. @throws Error when something is not as it should be */
  protected abstract turn(number: number): Promise<void>

  /** One request, as `METHOD /path?op=…`. @throws Error unless it is answered with that status */
  protected async ask(question: string, status: number, body?: Uint8Array): Promise<Response> {
    this.#asked++
    const [method = 'GET', target = ''] = question.split(' ', 2)
    const signal = AbortSignal.timeout(GIVE_UP_MS)
    const answer = await fetch(`${this.#gateway}${target}`, { method, signal, ...(body === undefined ? {} : { body }) })
    if (answer.status === status) return answer
    throw new Error(`${question}: ${answer.status} ${await answer.text()}`)
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stop.signal.aborted; number++) {
      try {
        await this.turn(number)
      } catch (thrown) {
        this.#failed++
        const { message, cause } = thrown as Error
        this.#troubles.push(cause === undefined ? message : `${message}: ${String(cause)}`)
      }
      await sleep(this.#pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }
}
