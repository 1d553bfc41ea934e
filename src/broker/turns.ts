/**
 * So many pieces of work at a time, in the order in which they came. Two hundred sidecars that start together would else be two
 * hundred questions at once, of which a busy API server answers the last too late for its time, which runs from the first.
 */
import { KerbsideError } from '../core/errors.ts'

export type TurnOptions = {
  readonly atOnce: number
  /** Who has waited so long for a turn gets none: an API server that is silent must not gather all who ever asked. */
  readonly waitMs: number
}

/** @throws KerbsideError `not-ready` when there was no turn in time; else what the work throws */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

type Waiting = { readonly begin: () => void; readonly timer: NodeJS.Timeout }

export function turns({ atOnce, waitMs }: TurnOptions): InTurn {
  // In the order in which they came.
  const waiting = new Set<Waiting>()
  let running = 0

  const turn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(one)
        reject(new KerbsideError('not-ready', `more ask than can be looked at within ${waitMs / 1000} s`))
      }
      const one = { begin: resolve, timer: setTimeout(giveUp, waitMs) }
      waiting.add(one)
    })
  const next = () => {
    const [one] = waiting
    if (one === undefined) {
      running--
      return
    }
    waiting.delete(one)
    clearTimeout(one.timer)
    one.begin()
  }

  return async (work) => {
    if (running < atOnce) running++
    else await turn()
    try {
      return await work()
    } finally {
      next()
    }
  }
}
