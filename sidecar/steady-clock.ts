/** The clock that credentials are kept by: nobody sets it, and it goes on while the machine sleeps. The wall clock stands beside it. */
import { uptime } from 'node:os'

/** Milliseconds since the machine started (`CLOCK_BOOTTIME`), to a hundredth of a second. */
export const steadyClock = (): number => uptime() * 1000

export type Clocks = {
  readonly steady: () => number
  /** Milliseconds since the epoch, as this machine is told. */
  readonly wall: () => number
  /** Milliseconds that stand still while the machine sleeps (`CLOCK_MONOTONIC`). */
  readonly awake: () => number
}

export const CLOCKS: Clocks = { steady: steadyClock, wall: Date.now, awake: () => performance.now() }

/** What happened to time between two looks. */
export type Jump = { readonly what: 'set' | 'slept'; readonly ms: number }

const LOOK_EVERY_MS = 5000
/** Clocks that are corrected little by little stay far below, and Kerberos allows five minutes. */
const JUMP_MS = 15_000

/** Tells of a wall clock that was set, and of a machine that slept: tickets and connections may not be what they seem. */
export class ClockWatch {
  readonly #clocks: Clocks
  readonly #onJump: (jump: Jump) => void
  readonly #timer: NodeJS.Timeout
  #setBy: number
  #sleptBy: number

  constructor(clocks: Clocks, onJump: (jump: Jump) => void) {
    this.#clocks = clocks
    this.#onJump = onJump
    ;({ setBy: this.#setBy, sleptBy: this.#sleptBy } = this.#differences())
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  look(): void {
    const { setBy, sleptBy } = this.#differences()
    const set = setBy - this.#setBy
    const slept = sleptBy - this.#sleptBy
    this.#setBy = setBy
    this.#sleptBy = sleptBy
    if (slept >= JUMP_MS) this.#onJump({ what: 'slept', ms: slept })
    if (Math.abs(set) >= JUMP_MS) this.#onJump({ what: 'set', ms: set })
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #differences() {
    const { steady, wall, awake } = this.#clocks
    const now = steady()
    return { setBy: wall() - now, sleptBy: now - awake() }
  }
}
