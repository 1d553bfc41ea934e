/** Long work done in pieces: a webhook and a broker have requests to answer meanwhile. */
import { setImmediate as pause } from 'node:timers/promises'

/** What may be done at a stretch. */
const STRETCH_MS = 10

/** As `atOnce` does it, with pauses: one before it, and one at the first yield after each {@link STRETCH_MS}. */
export async function inPieces<T>(work: Generator<undefined, T>): Promise<T> {
  await pause()
  let since = performance.now()
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    if (performance.now() - since < STRETCH_MS) continue
    await pause()
    since = performance.now()
  }
}
