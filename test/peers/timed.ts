/** How an engine that runs in this process is timed: in batches, each verdict checked, warmed up before. */
import type { PeerFigures, Request, Workload } from './workload.ts'

export type Engine<T> = {
  /** What the engine takes, made outside the measured time. */
  prepare(request: Request): T
  /** Whether it allows. */
  decide(prepared: T): boolean
}

export type Timing = {
  /** For warming up, and again for measuring. */
  readonly budgetMs?: number
  readonly batches?: number
}

/** Long enough not to measure the clock, short enough that paths are as warm as when they have just been parsed. */
const SHORTEST_BATCH_MS = 1
const LARGEST_BATCH = 256

/**
 * Median and fastest batch. Engines that are slow get small batches, and at least three of them.
 * @throws Error when a verdict is wrong: a fast wrong answer is worth nothing
 */
export function timed<T>(
  { rules, requests }: Workload,
  engine: Engine<T>,
  { budgetMs = 1500, batches = 5000 }: Timing = {},
): PeerFigures {
  let next = 0
  const batch = (size: number): number => {
    const asked = requests(next, size)
    next += size
    const prepared = asked.map((request) => engine.prepare(request))
    const verdicts = new Uint8Array(size)
    const began = process.hrtime.bigint()
    for (let at = 0; at < size; at++) verdicts[at] = engine.decide(prepared[at] as T) ? 1 : 0
    const nanoseconds = Number(process.hrtime.bigint() - began)
    check(asked, verdicts)
    return nanoseconds / size
  }
  let size = 1
  for (const end = performance.now() + budgetMs; performance.now() < end; ) {
    const took = batch(size)
    size = Math.min(LARGEST_BATCH, took * size < SHORTEST_BATCH_MS * 1e6 ? size * 2 : size)
  }
  const means: number[] = []
  const end = performance.now() + budgetMs
  while (means.length < 3 || (means.length < batches && performance.now() < end)) means.push(batch(size))
  means.sort((one, other) => one - other)
  return {
    datasets: rules.length,
    nanoseconds: means[Math.floor(means.length / 2)] ?? Number.NaN,
    bestNanoseconds: means[0] ?? Number.NaN,
  }
}

function check(asked: readonly Request[], verdicts: Uint8Array): void {
  for (const [at, { team, path, allowed }] of asked.entries()) {
    if ((verdicts[at] === 1) === allowed) continue
    throw new Error(`wrong verdict: \`${team}\` on \`${path}\` is to be ${allowed ? 'allowed' : 'denied'}`)
  }
}
