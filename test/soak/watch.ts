/** What the soak has seen so far, in one line, and what of it is not as it should be. */
import { privateDirtyMiB } from '../bench/gateway/cost.ts'
import type { Stage } from '../e2e/faults/stage.ts'
import type { Counted } from './client.ts'

/** Each by the line of the log that says it. */
const RENEWALS = {
  'tickets acquired': 'ticket acquired',
  'delegation tokens received': 'delegation token received',
  'delegation tokens renewed': 'delegation token renewed',
} as const
/** In this time each of them happens at least once. */
const EACH_WITHIN_SECONDS = 120

export class Watch {
  readonly #stage: Stage
  readonly #clients: readonly Counted[]
  readonly #begun = performance.now()
  readonly #before: string
  readonly #memoryMiB: number
  readonly #logged: number

  constructor(stage: Stage, clients: readonly Counted[]) {
    this.#stage = stage
    this.#clients = clients
    this.#before = stage.process()
    this.#memoryMiB = this.#privateMiB()
    this.#logged = stage.sidecar.log().length
  }

  get seconds(): number {
    return (performance.now() - this.#begun) / 1000
  }

  get hasEnded(): boolean {
    return this.#stage.process() !== this.#before
  }

  /** How it stands now. */
  line(): string {
    const renewals = this.#renewals().map(([name, count]) => `${count} ${name}`)
    const requests = sum(this.#clients.map(({ asked }) => asked))
    const failures = sum(this.#clients.map(({ failed }) => failed))
    const memory = `private memory ${this.#memoryMiB.toFixed(0)} → ${this.#privateMiB().toFixed(0)} MiB`
    const counts = [`${requests} requests`, `${failures} failures`, ...renewals, `${this.#leaks().length} wrong allows`]
    return [`${this.seconds.toFixed(0)} s`, ...counts, memory].join(', ')
  }

  /** In words; nothing when all is well. */
  problems(): readonly string[] {
    const isLong = this.seconds >= EACH_WITHIN_SECONDS
    return [
      ...this.#clients.flatMap((client) => client.takeTroubles()),
      ...this.#leaks().map((leak) => `what policy refuses was answered: ${leak}`),
      ...this.#renewals().flatMap(([name, count]) => (isLong && count === 0 ? [`no ${name}`] : [])),
      ...(this.hasEnded ? [`the sidecar ended:\n${this.#stage.sidecar.log()}`] : []),
    ]
  }

  #leaks(): readonly string[] {
    return this.#clients.flatMap(({ leaks }) => leaks ?? [])
  }

  #renewals(): readonly (readonly [name: string, count: number])[] {
    const log = this.#stage.sidecar.log().slice(this.#logged)
    return Object.entries(RENEWALS).map(([name, said]) => [name, log.split(`"${said}"`).length - 1])
  }

  #privateMiB(): number {
    return this.hasEnded ? 0 : privateDirtyMiB(this.#stage.sidecar.pid)
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
