/** Ranger's engine on the workload of the bench: how long one decision takes on a warm JVM. */
import type { Progress } from '../../lab/part.ts'
import { type PeerFigures, workload } from '../workload.ts'
import { startRanger } from './engine.ts'

/** Enough for a compiled method to show its speed, few enough for a round to be short. */
const REQUESTS = 20_000

/**
 * Nanoseconds for one decision at each number of policies, of the best round and of the median one. Rounds before them
 * warm up the JVM; every verdict of every round is checked, half of them to be allowed.
 */
export async function benchRanger(sizes: readonly number[], progress?: Progress): Promise<PeerFigures[]> {
  const engine = await startRanger(progress === undefined ? {} : { progress })
  try {
    const figures: PeerFigures[] = []
    for (const datasets of sizes) {
      const { rules, requests } = workload(datasets)
      const { median, best } = await engine.ask({ bench: { rules, requests: requests(0, REQUESTS) } })
      figures.push({ datasets, nanoseconds: Number(median), bestNanoseconds: Number(best) })
    }
    return figures
  } finally {
    await engine.stop()
  }
}
