/** How many refusals go on record: anybody who reaches us can be refused, so without a limit anybody could fill the disk. */

/** Of all whose token is not good, together. */
const STRANGERS_A_MINUTE = 60
/** Of one pod: a stranger who is loud does not hide it. */
const POD_A_MINUTE = 20
/** Of all pods together. */
const PODS_A_MINUTE = 1000

export type Allowed = 'yes' | 'the-last' | 'no'

/**
 * Says of each refusal whether it goes on record, and whether it is the last of its kind in this minute.
 * @param clock milliseconds since the epoch
 */
export function refusalBudget(clock: () => number): (pod: string | undefined) => Allowed {
  let [minute, all] = [0, 0]
  const counts = new Map<string | undefined, number>()
  return (pod) => {
    const now = Math.floor(clock() / 60_000)
    if (now !== minute) {
      ;[minute, all] = [now, 0]
      counts.clear()
    }
    if (pod !== undefined) all += 1
    if (all > PODS_A_MINUTE && pod !== undefined) return 'no'
    const count = (counts.get(pod) ?? 0) + 1
    counts.set(pod, count)
    const most = pod === undefined ? STRANGERS_A_MINUTE : POD_A_MINUTE
    return count < most ? 'yes' : count === most ? 'the-last' : 'no'
  }
}
